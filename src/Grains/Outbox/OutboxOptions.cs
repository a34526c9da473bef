namespace NotifyOrleans.Grains.Outbox;

/// <summary>Settings of the outbox, configuration section <c>Outbox</c>.</summary>
public sealed record OutboxOptions
{
    public const string Section = "Outbox";

    /// <summary>The engine. Default <see cref="OutboxProvider.RocksDb"/>: needs nothing but a folder.</summary>
    public OutboxProvider Provider { get; init; } = OutboxProvider.RocksDb;

    /// <summary>The folder of the embedded engine; a relative one starts at the working directory. Created when missing. Default <c>data/outbox</c>.</summary>
    public string Path { get; init; } = "data/outbox";

    /// <summary>How long a message waits for its user; a publisher's shorter <c>expiration</c> goes first. Default 7 days: a week's holiday.</summary>
    public TimeSpan TimeToLive { get; init; } = TimeSpan.FromDays(7);

    /// <summary>
    /// How many messages may wait for one user; the oldest go first. Default 100,000: far above what a person reads, and it bounds one user's share of the
    /// disk.
    /// </summary>
    public int MaxMessagesPerUser { get; init; } = 100_000;

    /// <summary>How many bytes of messages may wait for one user; the oldest go first. Default 1 GiB.</summary>
    public long MaxBytesPerUser { get; init; } = 1L << 30;

    /// <summary>
    /// How often rows that have outlived their time are looked for. Default 1 minute: readers skip such rows anyway, so this only frees space.
    /// </summary>
    public TimeSpan SweepInterval { get; init; } = TimeSpan.FromMinutes(1);
}
