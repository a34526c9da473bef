using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Outbox;

/// <summary>
/// What users have not been delivered yet, on disk. One writer a shard: every call names the shard's epoch, and the store changes nothing for an older one.
/// </summary>
/// <remarks>
/// Calls may come from many threads at once; commits that come together are written together (group commit). Commits of one shard take effect in the order of
/// the calls. Any other fault than <see cref="StaleEpochException"/> is an <see cref="OutboxUnavailableException"/>: nothing of the call took effect, or it did
/// and repeating it does no harm.
/// </remarks>
public interface IOutboxStore
{
    /// <summary>Takes the shard: raises its epoch, durably, and returns it. The first is 1.</summary>
    Task<long> OpenShardAsync(int shard, CancellationToken cancellationToken);

    /// <summary>Applies the changes all or none; completes when they would survive a loss of power (deletions and tallies: of the process).</summary>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    Task CommitAsync(OutboxCommit commit);

    /// <summary>
    /// Reads a mailbox's rows after a place, oldest first: up to <paramref name="maxCount"/>, ending behind the row that reaches <paramref name="maxBytes"/>.
    /// Rows of commits that completed before the call are all seen.
    /// </summary>
    Task<IReadOnlyList<StoredMessage>> ReadAsync(int shard, string mailbox, Place after, int maxCount, int maxBytes, CancellationToken cancellationToken);

    /// <summary>The same of those rows alone whose time ended at or before <paramref name="now"/> (milliseconds since the Unix epoch).</summary>
    Task<IReadOnlyList<StoredMessage>> ReadExpiredAsync(
        int shard,
        string mailbox,
        long now,
        Place after,
        int maxCount,
        int maxBytes,
        CancellationToken cancellationToken
    );

    /// <summary>How much a mailbox has, and what is to be told with it; all zero for one that was never seen.</summary>
    Task<MailboxTally> ReadTallyAsync(int shard, string mailbox, CancellationToken cancellationToken);

    /// <summary>The place of the mailbox's stored row that has this <c>message-id</c>; null when there is none.</summary>
    Task<Place?> FindAsync(int shard, string mailbox, string messageId, CancellationToken cancellationToken);

    /// <summary>
    /// Mailboxes with rows whose time ended at or before <paramref name="now"/> (milliseconds since the Unix epoch), at most <paramref name="maxCount"/>, each
    /// once.
    /// </summary>
    Task<IReadOnlyList<ExpiredUser>> FindExpiredAsync(long now, int maxCount, CancellationToken cancellationToken);

    /// <summary>
    /// Users whose tally has a <see cref="MailboxTally.NoticeAt"/> above 0 and at or before <paramref name="now"/> (milliseconds since the Unix epoch), the
    /// longest due first, at most
    /// <paramref name="maxCount"/>.
    /// </summary>
    Task<IReadOnlyList<DueUser>> FindDueAsync(long now, int maxCount, CancellationToken cancellationToken);

    /// <summary>The durable subscriptions of all users of a shard.</summary>
    Task<IReadOnlyList<DurableMailbox>> ReadDurablesAsync(int shard, CancellationToken cancellationToken);

    /// <summary>Whether the store takes writes, as far as can be told without one; says why not.</summary>
    OutboxHealth Health { get; }
}
