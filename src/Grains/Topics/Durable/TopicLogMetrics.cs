using System.Diagnostics.Metrics;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>Counters of the durable topic logs, meter <c>NotifyOrleans.Topics</c>.</summary>
internal sealed class TopicLogMetrics
{
    public const string MeterName = "NotifyOrleans.Topics";

    private readonly Counter<long> _appended;
    private readonly Counter<long> _read;
    private readonly Counter<long> _cut;
    private readonly Counter<long> _begun;
    private readonly Counter<long> _refused;
    private readonly Counter<long> _ended;

    public TopicLogMetrics(IMeterFactory meters)
    {
        var meter = meters.Create(MeterName);
        _appended = meter.CreateCounter<long>(
            "notifyorleans.topics.appended",
            "{message}",
            "Topic messages that were stored for durable subscriptions, each once for all of them."
        );
        _read = meter.CreateCounter<long>("notifyorleans.topics.read", "{message}", "Stored topic messages that were read for subscriptions that came back.");
        _cut = meter.CreateCounter<long>(
            "notifyorleans.topics.cut",
            "{message}",
            "Stored topic messages that limits took away before every subscription had them."
        );
        _begun = meter.CreateCounter<long>("notifyorleans.topics.subscriptions_begun", "{subscription}", "Durable topic subscriptions that have begun.");
        _refused = meter.CreateCounter<long>(
            "notifyorleans.topics.subscriptions_refused",
            "{subscription}",
            "Durable topic subscriptions that their users had no room for."
        );
        _ended = meter.CreateCounter<long>(
            "notifyorleans.topics.subscriptions_ended",
            "{subscription}",
            "Durable topic subscriptions that have ended, by why."
        );
    }

    public void Appended(int count) => _appended.Add(count);

    public void Read(int count) => _read.Add(count);

    public void Cut(long count) => _cut.Add(count);

    public void SubscriptionsBegun(int count) => _begun.Add(count);

    public void SubscriptionsRefused(int count) => _refused.Add(count);

    public void SubscriptionsEnded(int count, string reason) => _ended.Add(count, KeyValuePair.Create<string, object?>("reason", reason));
}
