using System.Diagnostics.Metrics;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>Clients' SENDs: meter <c>NotifyOrleans.Edge.Publishing</c>.</summary>
internal sealed class PublishingMetrics
{
    private readonly Counter<long> _published;
    private readonly Counter<long> _outcomes;
    private readonly UpDownCounter<long> _channels;

    public PublishingMetrics(IMeterFactory meters)
    {
        var meter = meters.Create("NotifyOrleans.Edge.Publishing");
        _published = meter.CreateCounter<long>(
            "notifyorleans.edge.published",
            "{message}",
            "Messages that were sent to the broker, those sent again counted again."
        );
        _outcomes = meter.CreateCounter<long>("notifyorleans.edge.published.outcomes", "{message}", "What became of messages, by outcome.");
        _channels = meter.CreateUpDownCounter<long>("notifyorleans.edge.publishing.channels", "{channel}", "Exchanges that have a channel.");
    }

    public void Published() => _published.Add(1);

    public void Confirmed() => Ended("confirmed");

    public void Rejected() => Ended("rejected");

    public void Refused() => Ended("refused");

    public void TimedOut() => Ended("timed_out");

    public void ChannelOpened() => _channels.Add(1);

    public void ChannelClosed() => _channels.Add(-1);

    private void Ended(string outcome) => _outcomes.Add(1, new KeyValuePair<string, object?>("outcome", outcome));
}
