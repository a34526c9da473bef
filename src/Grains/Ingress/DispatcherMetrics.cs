using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Counters of the dispatchers, meter <c>NotifyOrleans.Dispatch</c>.</summary>
internal sealed class DispatcherMetrics
{
    public const string MeterName = "NotifyOrleans.Dispatch";

    private readonly Counter<long> _routed;
    private readonly Counter<long> _recipients;
    private readonly Counter<long> _logged;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _offeredAgain;

    public DispatcherMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _routed = meter.CreateCounter<long>("notifyorleans.deliveries.routed", "{delivery}", "Deliveries that were routed, by where to.");
        _recipients = meter.CreateCounter<long>("notifyorleans.deliveries.recipients", "{recipient}", "Users that deliveries were routed to.");
        _logged = meter.CreateCounter<long>(
            "notifyorleans.deliveries.logged",
            "{delivery}",
            "Deliveries to many users that were acknowledged when they were written down with their recipients."
        );
        _settled = meter.CreateCounter<long>("notifyorleans.deliveries.settled", "{delivery}", "Deliveries that are safe for all their recipients.");
        _offeredAgain = meter.CreateCounter<long>("notifyorleans.deliveries.offered_again", "{delivery}", "Deliveries that were offered to a shard again.");
    }

    public void RoutedToUsers(int recipients)
    {
        _routed.Add(1, KeyValuePair.Create<string, object?>("to", "users"));
        _recipients.Add(recipients);
    }

    public void Logged() => _logged.Add(1);

    public void RoutedToTopic() => _routed.Add(1, KeyValuePair.Create<string, object?>("to", "topic"));

    public void Settled() => _settled.Add(1);

    public void OfferedAgain(int count) => _offeredAgain.Add(count);
}
