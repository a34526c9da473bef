using System.Diagnostics.Metrics;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Queues;

/// <summary>Counters of subscriptions to queues, meter <c>NotifyOrleans.Queues</c>.</summary>
internal sealed class QueueMetrics
{
    public const string MeterName = "NotifyOrleans.Queues";

    private readonly UpDownCounter<long> _consumers;
    private readonly Counter<long> _delivered;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _ended;
    private readonly Counter<long> _refused;

    public QueueMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _consumers = meter.CreateUpDownCounter<long>("notifyorleans.queues.consumers", "{consumer}", "Subscriptions that consume a queue of the broker.");
        _delivered = meter.CreateCounter<long>("notifyorleans.queues.delivered", "{message}", "Messages that queues have delivered.");
        _settled = meter.CreateCounter<long>("notifyorleans.queues.settled", "{message}", "Messages of queues that were settled, by outcome.");
        _ended = meter.CreateCounter<long>("notifyorleans.queues.ended", "{consumer}", "Consumers that ended and were not asked to, by reason.");
        _refused = meter.CreateCounter<long>("notifyorleans.queues.refused", "{request}", "Requests that the broker refused.");
    }

    public void ConsumerStarted() => _consumers.Add(1);

    public void ConsumerEnded() => _consumers.Add(-1);

    public void MessageDelivered() => _delivered.Add(1);

    public void MessageSettled(SettlementOutcome outcome) => _settled.Add(1, new KeyValuePair<string, object?>("outcome", outcome.ToString()));

    public void Interrupted(QueuePushKind reason) => _ended.Add(1, new KeyValuePair<string, object?>("reason", reason.ToString()));

    public void RequestRefused() => _refused.Add(1);
}
