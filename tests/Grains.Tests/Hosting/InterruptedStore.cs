using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>The product's RocksDB outbox, which fails or waits while the test wants it, as with a full disk, a database that is away, or a slow one.</summary>
internal sealed class InterruptedStore(RocksDbOutboxStore store) : IOutboxStore
{
    private Task _commitsMay = Task.CompletedTask;
    private Task _readsMay = Task.CompletedTask;
    private Task _findsMay = Task.CompletedTask;
    private int _commits;
    private int _refused;
    private int? _commitsLeft;
    private int _refusedNext;
    private int _heldReads;
    private int _heldFinds;
    private long _largestCommit;
    private long _largestRead;

    /// <summary>Whether commits are refused.</summary>
    public bool RefusesCommits { get; set; }

    /// <summary>How many commits are refused next.</summary>
    public int RefusedNext
    {
        set => _refusedNext = value;
    }

    /// <summary>How many commits with messages are taken before they are refused; null: all of them.</summary>
    public int? CommitsLeft
    {
        get => _commitsLeft;
        set => _commitsLeft = value;
    }

    /// <summary>Whether commits are done, and nobody hears of it.</summary>
    public bool LosesAnswers { get; set; }

    /// <summary>Whether no tally can be read.</summary>
    public bool RefusesTallies { get; set; }

    /// <summary>How many commits were tried so far.</summary>
    public int Commits => Volatile.Read(ref _commits);

    /// <summary>How many were refused so far.</summary>
    public int Refused => Volatile.Read(ref _refused);

    /// <summary>Bytes of the messages of the largest commit so far, refused ones too.</summary>
    public long LargestCommit => Volatile.Read(ref _largestCommit);

    /// <summary>Bytes of the messages that the largest read has given so far.</summary>
    public long LargestRead => Volatile.Read(ref _largestRead);

    /// <summary>How many reads of rows have waited so far.</summary>
    public int HeldReads => Volatile.Read(ref _heldReads);

    /// <summary>How many look-ups by <c>message-id</c> have waited so far.</summary>
    public int HeldFinds => Volatile.Read(ref _heldFinds);

    public OutboxHealth Health => store.Health;

    /// <summary>Lets commits wait until what is returned completes.</summary>
    public TaskCompletionSource HoldCommits() => Hold(ref _commitsMay);

    /// <summary>Lets reads of rows wait until what is returned completes.</summary>
    public TaskCompletionSource HoldReads() => Hold(ref _readsMay);

    /// <summary>Lets look-ups wait, with what they have found, until what is returned completes.</summary>
    public TaskCompletionSource HoldFinds() => Hold(ref _findsMay);

    /// <summary>Look-ups from now on do not wait; those that do go on waiting.</summary>
    public void PassFinds() => _findsMay = Task.CompletedTask;

    public Task<long> OpenShardAsync(int shard, CancellationToken cancellationToken) => store.OpenShardAsync(shard, cancellationToken);

    public async Task CommitAsync(OutboxCommit commit)
    {
        Interlocked.Increment(ref _commits);
        _largestCommit = Math.Max(LargestCommit, commit.Appends.Sum(row => (long)row.Notification.Size));
        await _commitsMay;
        if (RefusesCommits || Interlocked.Decrement(ref _refusedNext) >= 0 || (_commitsLeft is not null && commit.Appends.Count > 0 && _commitsLeft-- <= 0))
        {
            Interlocked.Increment(ref _refused);
            throw new OutboxUnavailableException("as the test wants it");
        }
        await store.CommitAsync(commit);
        if (LosesAnswers)
            throw new OutboxUnavailableException("as the test wants it");
    }

    public async Task<IReadOnlyList<StoredMessage>> ReadAsync(
        int shard,
        string user,
        Place after,
        int maxCount,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        await WhenReadsMayAsync();
        var rows = await store.ReadAsync(shard, user, after, maxCount, maxBytes, cancellationToken);
        _largestRead = Math.Max(LargestRead, rows.Sum(row => (long)row.Notification.Size));
        return rows;
    }

    public async Task<IReadOnlyList<StoredMessage>> ReadExpiredAsync(
        int shard,
        string user,
        long now,
        Place after,
        int maxCount,
        int maxBytes,
        CancellationToken cancellationToken
    )
    {
        await WhenReadsMayAsync();
        return await store.ReadExpiredAsync(shard, user, now, after, maxCount, maxBytes, cancellationToken);
    }

    public Task<MailboxTally> ReadTallyAsync(int shard, string user, CancellationToken cancellationToken) =>
        RefusesTallies
            ? Task.FromException<MailboxTally>(new OutboxUnavailableException("as the test wants it"))
            : store.ReadTallyAsync(shard, user, cancellationToken);

    public async Task<Place?> FindAsync(int shard, string user, string messageId, CancellationToken cancellationToken)
    {
        var place = await store.FindAsync(shard, user, messageId, cancellationToken);
        if (!_findsMay.IsCompleted)
        {
            Interlocked.Increment(ref _heldFinds);
            await _findsMay;
        }
        return place;
    }

    public Task<IReadOnlyList<ExpiredUser>> FindExpiredAsync(long now, int maxCount, CancellationToken cancellationToken) =>
        store.FindExpiredAsync(now, maxCount, cancellationToken);

    public Task<IReadOnlyList<DueUser>> FindDueAsync(long now, int maxCount, CancellationToken cancellationToken) =>
        store.FindDueAsync(now, maxCount, cancellationToken);

    public Task<IReadOnlyList<DurableMailbox>> ReadDurablesAsync(int shard, CancellationToken cancellationToken) =>
        store.ReadDurablesAsync(shard, cancellationToken);

    private async Task WhenReadsMayAsync()
    {
        if (_readsMay.IsCompleted)
            return;
        Interlocked.Increment(ref _heldReads);
        await _readsMay;
    }

    private static TaskCompletionSource Hold(ref Task calls)
    {
        var release = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        calls = release.Task;
        return release;
    }
}
