using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>The product's RocksDB outbox, whose writes fail or wait while the test wants it, as with a full disk or a slow one, or its tallies cannot be read, as with a database that is away, and whose reads or look-ups by <c>message-id</c> wait, as for a slow one.</summary>
internal sealed class InterruptedStore(RocksDbOutboxStore store) : IOutboxStore
{
    private Task _finds = Task.CompletedTask;
    private Task _reads = Task.CompletedTask;
    private Task _commits = Task.CompletedTask;
    private int _heldFinds;
    private int _heldReads;
    private int _refused;
    private int? _commitsLeft;
    private int _commits;
    private long _largestCommit;
    private long _largestRead;

    /// <summary>Whether commits are refused.</summary>
    public bool RefusesCommits { get; set; }

    /// <summary>How many commits with messages are taken before they are refused; null: all of them.</summary>
    public int? CommitsLeft { get => _commitsLeft; set => _commitsLeft = value; }

    /// <summary>How many commits were tried so far.</summary>
    public int Commits => Volatile.Read(ref _commits);

    /// <summary>Bytes of the messages of the largest commit so far, refused ones too.</summary>
    public long LargestCommit => Volatile.Read(ref _largestCommit);

    /// <summary>Bytes of the messages that the largest read has given so far.</summary>
    public long LargestRead => Volatile.Read(ref _largestRead);

    /// <summary>Whether no tally can be read.</summary>
    public bool RefusesTallies { get; set; }

    /// <summary>How many were refused so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>How many look-ups have waited so far.</summary>
    public int HeldFinds => Volatile.Read(ref _heldFinds);

    /// <summary>How many reads have waited so far.</summary>
    public int HeldReads => Volatile.Read(ref _heldReads);

    public OutboxHealth Health => store.Health;

    public Task<long> OpenShardAsync(int shard, CancellationToken cancellationToken) => store.OpenShardAsync(shard, cancellationToken);

    /// <summary>Lets commits wait until what is returned completes.</summary>
    public TaskCompletionSource HoldCommits()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _commits = release.Task;
        return release;
    }

    public async Task CommitAsync(OutboxCommit commit)
    {
        Interlocked.Increment(ref _commits);
        _largestCommit = Math.Max(LargestCommit, commit.Appends.Sum(row => (long)row.Notification.Size));
        await _commits;
        if (RefusesCommits || (_commitsLeft is not null && commit.Appends.Count > 0 && _commitsLeft-- <= 0))
        {
            Interlocked.Increment(ref _refused);
            throw new OutboxUnavailableException("as the test wants it");
        }
        await store.CommitAsync(commit);
    }

    public async Task<IReadOnlyList<StoredMessage>> ReadAsync(int shard, string user, Place after, int maxCount, int maxBytes, CancellationToken cancellationToken)
    {
        if (!_reads.IsCompleted)
        {
            Interlocked.Increment(ref _heldReads);
            await _reads;
        }
        var rows = await store.ReadAsync(shard, user, after, maxCount, maxBytes, cancellationToken);
        _largestRead = Math.Max(LargestRead, rows.Sum(row => (long)row.Notification.Size));
        return rows;
    }

    public Task<IReadOnlyList<StoredMessage>> ReadExpiredAsync(int shard, string user, long now, Place after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        store.ReadExpiredAsync(shard, user, now, after, maxCount, maxBytes, cancellationToken);

    public Task<MailboxTally> ReadTallyAsync(int shard, string user, CancellationToken cancellationToken) => RefusesTallies
        ? Task.FromException<MailboxTally>(new OutboxUnavailableException("as the test wants it"))
        : store.ReadTallyAsync(shard, user, cancellationToken);

    /// <summary>Lets reads of rows wait until what is returned completes.</summary>
    public TaskCompletionSource HoldReads()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _reads = release.Task;
        return release;
    }

    /// <summary>Lets look-ups wait until what is returned completes.</summary>
    public TaskCompletionSource HoldFinds()
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _finds = release.Task;
        return release;
    }

    /// <summary>Look-ups from now on do not wait; those that do go on waiting.</summary>
    public void PassFinds() => _finds = Task.CompletedTask;

    public async Task<Place?> FindAsync(int shard, string user, string messageId, CancellationToken cancellationToken)
    {
        var place = await store.FindAsync(shard, user, messageId, cancellationToken);
        if (!_finds.IsCompleted)
        {
            Interlocked.Increment(ref _heldFinds);
            await _finds;
        }
        return place;
    }

    public Task<IReadOnlyList<ExpiredUser>> FindExpiredAsync(long now, int maxCount, CancellationToken cancellationToken) => store.FindExpiredAsync(now, maxCount, cancellationToken);

    public Task<IReadOnlyList<DueUser>> FindDueAsync(long now, int maxCount, CancellationToken cancellationToken) => store.FindDueAsync(now, maxCount, cancellationToken);

    public Task<IReadOnlyList<DurableMailbox>> ReadDurablesAsync(int shard, CancellationToken cancellationToken) => store.ReadDurablesAsync(shard, cancellationToken);
}
