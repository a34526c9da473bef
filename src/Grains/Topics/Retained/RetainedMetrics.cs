using System.Diagnostics.Metrics;
using NotifyOrleans.Grains.Topics.Durable;

namespace NotifyOrleans.Grains.Topics.Retained;

/// <summary>Counters of retained messages, meter <c>NotifyOrleans.Topics</c>.</summary>
internal sealed class RetainedMetrics
{
    private readonly Counter<long> _set;
    private readonly Counter<long> _read;
    private readonly Counter<long> _evicted;

    public RetainedMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(TopicLogMetrics.MeterName);
        _set = meter.CreateCounter<long>("notifyorleans.topics.retained_set", "{message}", "Messages that were retained, or cleared their key.");
        _read = meter.CreateCounter<long>("notifyorleans.topics.retained_read", "{message}", "Retained messages that were read for new subscribers.");
        _evicted = meter.CreateCounter<long>("notifyorleans.topics.retained_evicted", "{message}", "Retained messages that limits took away.");
    }

    public void Set(int count) => _set.Add(count);

    public void Read(int count) => _read.Add(count);

    public void Evicted(int count) => _evicted.Add(count);
}
