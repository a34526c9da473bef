using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Users;

/// <summary>Counters of the users' grains, meter <c>NotifyOrleans.Users</c>.</summary>
internal sealed class UserMetrics
{
    public const string MeterName = "NotifyOrleans.Users";

    private readonly Counter<long> _offered;
    private readonly Counter<long> _offeredAgain;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _kept;
    private readonly Counter<long> _followed;
    private readonly UpDownCounter<long> _users;

    public UserMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _offered = meter.CreateCounter<long>("notifyorleans.mailbox.offered", "{message}", "Messages offered to subscriptions.");
        _offeredAgain = meter.CreateCounter<long>(
            "notifyorleans.mailbox.redelivered",
            "{message}",
            "Messages offered to subscriptions that may have been delivered before."
        );
        _settled = meter.CreateCounter<long>("notifyorleans.mailbox.settled", "{message}", "Messages that a session has settled.");
        _kept = meter.CreateCounter<long>(
            "notifyorleans.mailbox.subscriptions_kept",
            "{subscription}",
            "Subscriptions whose session was lost, kept for a successor."
        );
        _followed = meter.CreateCounter<long>(
            "notifyorleans.mailbox.subscriptions_followed",
            "{subscription}",
            "Kept subscriptions that a successor has taken over."
        );
        _users = meter.CreateUpDownCounter<long>(
            "notifyorleans.users.online",
            "{user}",
            "Users who have a subscription to their own messages, or for whom one that was lost is kept."
        );
    }

    public void MessageOffered(bool isRedelivered)
    {
        _offered.Add(1);
        if (isRedelivered)
            _offeredAgain.Add(1);
    }

    public void MessageSettled() => _settled.Add(1);

    public void SubscriptionKept() => _kept.Add(1);

    public void SubscriptionFollowed() => _followed.Add(1);

    public void UserCame() => _users.Add(1);

    public void UsersLeft(int count) => _users.Add(-count);
}
