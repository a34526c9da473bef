using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Counters of the dispatchers, meter <c>NotifyOrleans.Dispatch</c>.</summary>
internal sealed class DispatcherMetrics
{
    public const string MeterName = "NotifyOrleans.Dispatch";

    private readonly Counter<long> _routed;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _offeredAgain;
    private readonly Counter<long> _deadLettered;

    public DispatcherMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _routed = meter.CreateCounter<long>("notifyorleans.deliveries.routed", "{delivery}", "Deliveries that were routed, by where to.");
        _settled = meter.CreateCounter<long>("notifyorleans.deliveries.settled", "{delivery}", "Deliveries that are safe for all their recipients.");
        _offeredAgain = meter.CreateCounter<long>("notifyorleans.deliveries.offered_again", "{delivery}", "Deliveries that were offered to a shard again.");
        _deadLettered = meter.CreateCounter<long>("notifyorleans.deliveries.dead_lettered", "{delivery}", "Deliveries that became dead letters, by reason.");
    }

    public void RoutedToUsers() => _routed.Add(1, KeyValuePair.Create<string, object?>("to", "users"));

    public void RoutedToTopic() => _routed.Add(1, KeyValuePair.Create<string, object?>("to", "topic"));

    public void DeadLettered(string reason) => _deadLettered.Add(1, KeyValuePair.Create<string, object?>("reason", reason));

    public void Settled() => _settled.Add(1);

    public void OfferedAgain(int count) => _offeredAgain.Add(count);
}
