namespace NotifyOrleans.Grains.Users;

/// <summary>How a user's messages are held in memory before they are delivered or stored. Section <c>Mailbox</c>.</summary>
public sealed class MailboxOptions
{
    public const string Section = "Mailbox";

    /// <summary>How long a message may be neither delivered nor stored. Default 1 s: the broker's prefetch waits for it.</summary>
    public TimeSpan StoreAfter { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>Messages of one user that memory holds; more are stored at once. Default 1,000.</summary>
    public int MaxMessagesInMemory { get; set; } = 1000;

    /// <summary>Bytes of one user's messages that memory holds; more are stored at once. Default 1 MiB.</summary>
    public int MaxBytesInMemory { get; set; } = 1024 * 1024;

    /// <summary>
    /// How long a delivered message's <c>message-id</c> is remembered, to find repeats. Default 5 minutes; stored messages are found for as long as they are
    /// stored.
    /// </summary>
    public TimeSpan RepeatWindow { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How many <c>message-id</c>s are remembered for a user. Default 1,000.</summary>
    public int MaxRepeatIds { get; set; } = 1000;

    /// <summary>
    /// How long after a shard was taken over edges may take to register their sessions again: transient messages for users who are not there are held so long,
    /// and what some of a user's sessions have had is kept for the others. Default 5 s.
    /// </summary>
    public TimeSpan TakeoverGrace { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a subscription whose session was lost without a goodbye is kept for its successor: a page that is reloaded misses nothing. Default 30 s: a
    /// reload, a tunnel or an edge's restart take less. 0: nothing is kept.
    /// </summary>
    public TimeSpan RefreshGrace { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Durable subscriptions that a user may have to his own messages. Default 20: each keeps its messages by itself.</summary>
    public int MaxDurablePerUser { get; set; } = 20;

    /// <summary>How long a durable subscription that no session comes for is kept. Default 30 days.</summary>
    public TimeSpan AbandonedAfter { get; set; } = TimeSpan.FromDays(30);
}
