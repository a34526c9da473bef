using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>Up to 128 messages or 32 KiB for the sessions of one lane of an edge.</summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.PushBatch")]
public sealed class PushBatch
{
    /// <summary>The silo that sends.</summary>
    [Id(0)]
    public required string Silo { get; init; }

    /// <summary>The link, as <see cref="LinkWelcome.Link"/> named it.</summary>
    [Id(1)]
    public required long Link { get; init; }

    [Id(2)]
    public required int Lane { get; init; }

    /// <summary>Number of the batch within link and lane, from 1 without a gap.</summary>
    [Id(3)]
    public required long Sequence { get; init; }

    [Id(4)]
    public required MailboxPush[] Mailbox { get; init; }

    [Id(5)]
    public required TopicPush[] Topics { get; init; }

    /// <summary>From broker queues.</summary>
    [Id(6)]
    public QueuePush[] Queues { get; init; } = [];

    /// <summary>How far durable logs have come that this lane brings: behind the topics.</summary>
    [Id(7)]
    public LogPosition[] Marks { get; init; } = [];

    /// <summary>Topic messages behind these were dropped, as the edge did not keep up or was away; those of durable subscriptions are in their logs.</summary>
    [Id(8)]
    public bool HasDroppedTopics { get; init; }

    /// <summary>Which those were, for live subscriptions, that have no log: behind the topics.</summary>
    [Id(9)]
    public DroppedTopics? DroppedTopics { get; init; }
}
