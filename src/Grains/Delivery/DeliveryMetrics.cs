using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>Counters of the links to edges, meter <c>NotifyOrleans.Delivery</c>.</summary>
internal sealed class DeliveryMetrics
{
    public const string MeterName = "NotifyOrleans.Delivery";

    private readonly UpDownCounter<long> _links;
    private readonly Counter<long> _batches;
    private readonly Counter<long> _messages;
    private readonly Counter<long> _resent;
    private readonly Counter<long> _topicsDropped;

    public DeliveryMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _links = meter.CreateUpDownCounter<long>("notifyorleans.links.open", "{link}", "Open links to edges.");
        _batches = meter.CreateCounter<long>("notifyorleans.links.batches", "{batch}", "Batches that edges have accepted.");
        _messages = meter.CreateCounter<long>("notifyorleans.links.messages", "{message}", "Messages in batches that edges have accepted.");
        _resent = meter.CreateCounter<long>("notifyorleans.links.resent", "{batch}", "Batches that were sent again.");
        _topicsDropped = meter.CreateCounter<long>(
            "notifyorleans.links.topics_dropped",
            "{message}",
            "Topic messages that were dropped for an edge that did not keep up."
        );
    }

    public void LinkOpened() => _links.Add(1);

    public void LinkEnded() => _links.Add(-1);

    public void BatchAccepted(int messages)
    {
        _batches.Add(1);
        _messages.Add(messages);
    }

    public void BatchResent() => _resent.Add(1);

    public void TopicDropped() => _topicsDropped.Add(1);
}
