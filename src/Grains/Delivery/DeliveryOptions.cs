namespace NotifyOrleans.Grains.Delivery;

/// <summary>The links from a silo to edges. Section <c>Delivery</c>.</summary>
public sealed class DeliveryOptions
{
    public const string Section = "Delivery";

    /// <summary>Messages of one batch. Default 128: measured, more brings nothing.</summary>
    public int MaxBatchMessages { get; set; } = 128;

    /// <summary>Bytes after which a batch is full. Default 32 KiB; a batch has at least one message.</summary>
    public int MaxBatchBytes { get; set; } = 32 * 1024;

    /// <summary>Batches of one lane that may be unanswered. Default 4: hides a round trip, and batches still fill up under load.</summary>
    public int MaxBatchesInFlight { get; set; } = 4;

    /// <summary>How long an edge may be silent before its sessions are taken as lost. Default 10 s, as long as Orleans keeps a client that has gone.</summary>
    public TimeSpan LinkTimeout { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Bytes of topic messages that may wait on one lane for an edge that does not keep up; further ones are dropped for it, and its subscriptions are told how
    /// many. Default 64 MiB.
    /// </summary>
    public long MaxTopicBacklogBytes { get; set; } = 64L * 1024 * 1024;

    /// <summary>
    /// Bytes of topic messages that a silo remembers for sessions and links that were lost and come back. Default 32 MiB: 30 s of 1,000 messages of 1 KiB a
    /// second. 0: none, and they miss them, as do edges that link late after a start.
    /// </summary>
    public long MaxTopicLogBytes { get; set; } = 32L * 1024 * 1024;

    /// <summary>How long it remembers them. Default 2 minutes: until a loss is found, and then for as long as the subscription is kept.</summary>
    public TimeSpan TopicLogTime { get; set; } = TimeSpan.FromMinutes(2);

    /// <summary>How long topic messages of a silo that has just started are kept for edges that have not linked yet. Default 5 s.</summary>
    public TimeSpan StartGrace { get; set; } = TimeSpan.FromSeconds(5);
}
