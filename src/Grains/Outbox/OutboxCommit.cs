namespace NotifyOrleans.Grains.Outbox;

/// <summary>Changes to one shard's rows that take effect together.</summary>
/// <param name="Shard">The shard's number.</param>
/// <param name="Epoch">The epoch that its owner got from <see cref="IOutboxStore.OpenShardAsync"/>.</param>
/// <param name="Appends">Rows to add. One that is there already is replaced.</param>
/// <param name="Deletes">Rows to take away. One that is not there is no fault.</param>
/// <param name="Tallies">Tallies to replace; one that is all zero is taken away.</param>
public sealed record OutboxCommit(
    int Shard,
    long Epoch,
    IReadOnlyList<StoredMessage> Appends,
    IReadOnlyList<StoredKey> Deletes,
    IReadOnlyList<UserTally> Tallies
)
{
    /// <summary>Durable subscriptions that begin, or are as they are from now on (the same user and name).</summary>
    public IReadOnlyList<DurableMailbox> DurablesKept { get; init; } = [];

    /// <summary>Durable subscriptions that end. One that is not there is no fault. Their rows are deletes like any other.</summary>
    public IReadOnlyList<DurableMailbox> DurablesEnded { get; init; } = [];
}
