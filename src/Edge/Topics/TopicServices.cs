using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>What all live topic feeds share, in one object: each of them holds a single reference.</summary>
internal sealed class TopicServices(
    TopicTable topics,
    LostTopics lost,
    RetainedReader retained,
    LinkTable links,
    LinkMetrics metrics,
    TimeProvider time,
    ILogger<TopicReplay> logger
)
{
    public TopicTable Topics => topics;

    public LostTopics Lost => lost;

    public RetainedReader Retained => retained;

    public LinkTable Links => links;

    public LinkMetrics Metrics => metrics;

    public TimeProvider Time => time;

    /// <summary>Reads what a lost subscription has still to get.</summary>
    public TopicReplay Replay(LostTopic topic) => new(links, topic, logger);
}
