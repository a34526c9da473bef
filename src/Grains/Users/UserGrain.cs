using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Grains.Shards;
using Orleans.GrainDirectory;
using Orleans.Placement;

namespace NotifyOrleans.Grains.Users;

/// <inheritdoc cref="IUserGrain"/>
/// <remarks>It is where its shard is: only the shard's silo calls it, and it ends as soon as the shard has moved. What a silo does that has lost the shard is
/// refused by its epoch.</remarks>
[PreferLocalPlacement, GrainDirectory(LocalGrainDirectory.Name), GrainType("user")]
internal sealed class UserGrain(
    HostedShards shards,
    IEdgeLinks links,
    IDeadLetters deadLetters,
    IOptions<MailboxOptions> options,
    IOptions<OutboxOptions> limits,
    UserMetrics metrics,
    TimeProvider time,
    ILogger<UserGrain> logger
) : Grain, IUserGrain
{
    private static readonly TimeSpan RetryPumpAfter = TimeSpan.FromSeconds(1);

    // A client may reject it again at once.
    private static readonly TimeSpan OfferAgainAfter = TimeSpan.FromSeconds(1);

    private static readonly DeactivationReason ShardEnded = new(DeactivationReasonCode.ApplicationRequested, "The shard has another owner");

    private static long _lastIncarnation;

    private readonly long _incarnation = Interlocked.Increment(ref _lastIncarnation);
    private string _key = "";
    private int _shard;
    private Mailbox? _mailbox;
    private long _epoch;
    private IGrainTimer? _retry;
    private Task _deadLettering = Task.CompletedTask;
    private CancellationTokenRegistration _ledgerEnd;

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        _key = this.GetPrimaryKeyString();
        _shard = ShardMap.ShardOf(_key);
        return Task.CompletedTask;
    }

    public override Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        _ledgerEnd.Dispose();
        // Memory was short, or the grain was idle for too long: what it had offered is in nobody's hands.
        if (_mailbox is { IsNeeded: true } && reason.ReasonCode is not (DeactivationReasonCode.ApplicationRequested or DeactivationReasonCode.ShuttingDown))
            Hasten();
        return Task.CompletedTask;
    }

    public ValueTask<UserStatus> DeliverAsync(UserCall call, MailboxMessage[] messages) => HandleAsync(call, mailbox => mailbox.DeliverAsync(messages));

    public ValueTask<UserStatus> SubscribeAsync(
        UserCall call,
        string edge,
        long link,
        MailboxSubscription subscription,
        MailboxMessage[] held,
        MissedMessages missed
    ) => HandleAsync(call, mailbox => mailbox.SubscribeAsync(edge, link, subscription, held, missed));

    public ValueTask<UserStatus> UnsubscribeAsync(UserCall call, string edge, long link, UserSubscription[] subscriptions) =>
        HandleAsync(call, mailbox => mailbox.UnsubscribeAsync(edge, link, subscriptions));

    public ValueTask<UserStatus> EndKeptAsync(UserCall call) => HandleAsync(call, mailbox => mailbox.EndKeptAsync());

    public ValueTask<UserStatus> StoreAsync(UserCall call) => HandleAsync(call, mailbox => mailbox.StoreAsync());

    public ValueTask<UserStatus> ExpireAsync(UserCall call) => HandleAsync(call, mailbox => mailbox.ExpireAsync());

    public ValueTask<UserStatus> SettleElsewhereAsync(UserCall call, Place[] places) => HandleAsync(call, mailbox => mailbox.SettleElsewhereAsync(places));

    public ValueTask<UserStatus> ClearAsync(UserCall call, Place upTo) => HandleAsync(call, mailbox => mailbox.ClearAsync(upTo));

    public async Task SettleAsync(string edge, Settlement[] settlements)
    {
        if (_mailbox is not { } mailbox)
        {
            // What it speaks of was offered by another activation; the shard gives it again.
            Hasten();
            DeactivateOnIdle();
            return;
        }
        var rejected = await mailbox.SettleAsync(edge, settlements);
        TellTwins(mailbox);
        RetryPumpIfOwed(mailbox);
        // Not waited for: the broker may take its time, and behind this call other users' settlements wait.
        if (rejected.Count > 0)
            _deadLettering = DeadLetterAsync(rejected, _deadLettering);
    }

    public async Task EndRejectionAsync(long incarnation, Place place, bool isDeadLetter)
    {
        if (incarnation != _incarnation || _mailbox is not { } mailbox)
        {
            RestIfNotNeeded();
            return;
        }
        await mailbox.EndRejectionAsync(place, isDeadLetter);
        TellTwins(mailbox);
        RetryPumpIfOwed(mailbox);
        RestIfNotNeeded();
    }

    /// <summary>Publishes rejected messages in their order, and then says in turns of their own what became of them.</summary>
    private async Task DeadLetterAsync(IReadOnlyList<HeldMessage> rejected, Task before)
    {
        await before;
        foreach (var message in rejected)
        {
            var isDeadLetter = await TryDeadLetterAsync(message);
            if (!isDeadLetter)
                await Task.Delay(OfferAgainAfter, time);
            try
            {
                await this.AsReference<IUserGrain>().EndRejectionAsync(_incarnation, message.Place, isDeadLetter);
            }
            catch (Exception exception)
            {
                // It stays in its window until the session goes. Those behind it do not wait.
                logger.EndingRejectionFailed(exception);
            }
        }
    }

    private async Task<bool> TryDeadLetterAsync(HeldMessage message)
    {
        try
        {
            await deadLetters.PublishAsync(
                message.Message.Notification,
                new Recipient(MailboxKey.UserOf(_key), message.Message.FilterKey),
                DeadLetterReasons.Rejected,
                CancellationToken.None
            );
            return true;
        }
        catch (Exception exception)
        {
            logger.DeadLetteringFailed(exception);
            return false;
        }
    }

    /// <summary>Has the shard call: it notices then that this is another activation, and gives it what the one before had.</summary>
    private void Hasten() => _ = GrainFactory.GetGrain<IShardGrain>(_shard).HastenAsync([_key]);

    /// <summary>
    /// A device has them: then the user's own mailbox need not deliver them. If the shard does not hear of it he gets them once more from there.
    /// </summary>
    private void TellTwins(Mailbox mailbox)
    {
        if (mailbox.TakeSettledTwins() is not { Length: > 0 } twins)
            return;
        _ = GrainFactory.GetGrain<IShardUpkeepGrain>(_shard).SettleElsewhereAsync(MailboxKey.UserOf(_key), twins);
    }

    private async ValueTask<UserStatus> HandleAsync(UserCall call, Func<Mailbox, Task> handle)
    {
        if (call.Incarnation != 0 && call.Incarnation != _incarnation)
            return new UserStatus(_incarnation, true, 0, 0);
        var mailbox = Open(call);
        await handle(mailbox);
        RetryPumpIfOwed(mailbox);
        RestIfNotNeeded();
        return new UserStatus(_incarnation, false, mailbox.Subscriptions, mailbox.Unsafe, mailbox.KeptUntil, mailbox.OwesFlags, mailbox.KeepsForLate);
    }

    private void RestIfNotNeeded()
    {
        if (_mailbox is { IsNeeded: true })
            DelayDeactivation(Timeout.InfiniteTimeSpan);
        else
            DeactivateOnIdle();
    }

    private Mailbox Open(UserCall call)
    {
        var epoch = call.Epoch;
        if (!shards.TryGet(_shard, epoch, out var ledger) || (_mailbox is not null && _epoch != epoch))
        {
            // The shard has moved, or was taken anew: what this activation has belongs to the owner before. Or it is that owner, frozen meanwhile, who calls:
            // then it stays.
            if (_mailbox is null || !shards.TryGet(_shard, _epoch, out _))
                DeactivateOnIdle();
            throw new StaleUserException(epoch);
        }
        // It belongs to this owner of the shard, and ends with it.
        if (_mailbox is null)
            _ledgerEnd = ledger.Outbox.Ended.UnsafeRegister(static context => ((IGrainContext)context!).Deactivate(ShardEnded), GrainContext);
        _epoch = epoch;
        return _mailbox ??= new Mailbox(_key, call.OfferedUpTo, ledger, links, options.Value, limits.Value, metrics, time, logger);
    }

    private void RetryPumpIfOwed(Mailbox mailbox)
    {
        if (mailbox.IsPumpOwed && _retry is null)
            RetryPump(mailbox);
    }

    private void RetryPump(Mailbox mailbox) =>
        _retry = this.RegisterGrainTimer(
            async () =>
            {
                _retry?.Dispose();
                _retry = null;
                await mailbox.PumpAsync();
                RetryPumpIfOwed(mailbox);
            },
            new GrainTimerCreationOptions(RetryPumpAfter, Timeout.InfiniteTimeSpan)
        );
}
