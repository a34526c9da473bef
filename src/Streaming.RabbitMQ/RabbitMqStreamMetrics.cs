using System.Diagnostics.Metrics;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;

namespace NotifyOrleans.Streaming.RabbitMQ;

/// <summary>Counters of the stream provider, by queue.</summary>
internal sealed class RabbitMqStreamMetrics
{
    public const string MeterName = "NotifyOrleans.Streaming";

    private const string QueueTag = "queue";

    private readonly Counter<long> _received;
    private readonly Counter<long> _settled;
    private readonly Counter<long> _late;
    private readonly Counter<long> _opened;

    public RabbitMqStreamMetrics(IMeterFactory meters, QueueConsumers consumers)
    {
        var meter = meters.Create(MeterName);
        _received = meter.CreateCounter<long>("notifyorleans.streaming.deliveries.received", "{delivery}", "Deliveries that the broker made");
        _settled = meter.CreateCounter<long>("notifyorleans.streaming.deliveries.acknowledged", "{delivery}", "Deliveries that were acknowledged");
        _late = meter.CreateCounter<long>("notifyorleans.streaming.settlements.late", "{settlement}", "Settlements of a channel that was closed meanwhile");
        _opened = meter.CreateCounter<long>("notifyorleans.streaming.channels.opened", "{channel}", "Channels that a queue was consumed on");
        meter.CreateObservableGauge(
            "notifyorleans.streaming.deliveries.unsettled",
            () => consumers.All.Select(consumer => new Measurement<int>(consumer.Unsettled, new KeyValuePair<string, object?>(QueueTag, consumer.Queue))),
            "{delivery}",
            "Deliveries that wait to be settled"
        );
    }

    public void DeliveryReceived(string queue) => _received.Add(1, new KeyValuePair<string, object?>(QueueTag, queue));

    public void DeliveriesAcknowledged(string queue, ulong count) => _settled.Add((long)count, new KeyValuePair<string, object?>(QueueTag, queue));

    public void SettlementLate(string queue) => _late.Add(1, new KeyValuePair<string, object?>(QueueTag, queue));

    public void ChannelOpened(string queue) => _opened.Add(1, new KeyValuePair<string, object?>(QueueTag, queue));
}
