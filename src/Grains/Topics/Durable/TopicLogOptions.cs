namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>
/// What of topic messages is kept for durable subscriptions, and for how long. Section <c>Topics</c>. There is a log for each ingress partition.
/// </summary>
public sealed class TopicLogOptions
{
    public const string Section = "Topics";

    /// <summary>How long a message waits for durable subscriptions. Default 7 days, as in the outbox.</summary>
    public TimeSpan TimeToLive { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Messages that a log may hold; the oldest go first, and are counted in <c>x-dropped</c>. Default 1,000,000.</summary>
    public long MaxMessagesPerLog { get; set; } = 1_000_000;

    /// <summary>Bytes of messages that a log may hold; the oldest go first. Default 1 GiB.</summary>
    public long MaxBytesPerLog { get; set; } = 1L << 30;

    /// <summary>Durable topic subscriptions that a user may have. Default 100: ten devices with ten topics; each is a row, and no message of its own.</summary>
    public int MaxDurablePerUser { get; set; } = 100;

    /// <summary>After so long without a session a durable subscription ends by itself. Default 30 days: whoever was away for longer begins anew.</summary>
    public TimeSpan AbandonedAfter { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How often it is looked for what nobody needs any more. Default 1 minute: it only frees space.</summary>
    public TimeSpan SweepInterval { get; set; } = TimeSpan.FromMinutes(1);
}
