using System.Buffers;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.Rows;
using RocksDbSharp;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>The embedded outbox: a RocksDB in a folder of its own, for one silo. See docs/decisions/0005-outbox-rocksdb.md.</summary>
public sealed class RocksDbOutboxStore : IOutboxStore, IDisposable
{
    private readonly OutboxDatabase _database;
    private readonly OutboxWriter _writer;
    private readonly OutboxMetrics _metrics;

    /// <summary>Opens the folder. When it cannot be opened that is no error here: <see cref="Health"/> says why, and it is tried again each second.</summary>
    public RocksDbOutboxStore(IOptions<OutboxOptions> options, OutboxMetrics metrics, ILogger<RocksDbOutboxStore> logger)
    {
        _metrics = metrics;
        _database = new OutboxDatabase(options.Value.Path, logger);
        _writer = new OutboxWriter(_database, metrics);
        metrics.Observe(() => Health.Writable, _database.MeasureDisk);
    }

    /// <summary>The folder's database, which others may keep things in beside the outbox.</summary>
    internal OutboxDatabase Database => _database;

    /// <summary>Writes to it.</summary>
    internal OutboxWriter Writer => _writer;

    public OutboxHealth Health => _database.Health;

    public Task<long> OpenShardAsync(int shard, CancellationToken cancellationToken)
    {
        var opening = new ShardOpening(shard, cancellationToken);
        _writer.Enqueue(opening);
        return opening.Task;
    }

    public Task CommitAsync(OutboxCommit commit)
    {
        var work = new ShardCommit(commit);
        _writer.Enqueue(work);
        return work.Task;
    }

    /// <remarks>On the thread pool: a long run of rows that are not in memory takes milliseconds.</remarks>
    public Task<IReadOnlyList<StoredMessage>> ReadAsync(int shard, string user, Place after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        Task.Run(() => _database.Read(db => ReadRows(db, shard, user, long.MaxValue, after, maxCount, maxBytes)), cancellationToken);

    /// <remarks>Looks at all of the user's rows: the expiry index has the time in front, and the rows of all users who have any that are due.</remarks>
    public Task<IReadOnlyList<StoredMessage>> ReadExpiredAsync(
        int shard,
        string user,
        long now,
        Place after,
        int maxCount,
        int maxBytes,
        CancellationToken cancellationToken
    ) => Task.Run(() => _database.Read(db => ReadRows(db, shard, user, now, after, maxCount, maxBytes)), cancellationToken);

    public Task<MailboxTally> ReadTallyAsync(int shard, string user, CancellationToken cancellationToken) =>
        Answer(() =>
            _database.Read(db => db.Get(OutboxKeys.Tally(new ArrayBufferWriter<byte>(), shard, user))) is { } value ? RowFormat.ReadTally(value) : default
        );

    public Task<Place?> FindAsync(int shard, string user, string messageId, CancellationToken cancellationToken) =>
        Answer(() => _database.Read(db => FindPlace(db, shard, user, messageId)));

    public Task<IReadOnlyList<DurableMailbox>> ReadDurablesAsync(int shard, CancellationToken cancellationToken) =>
        Task.Run(() => _database.Read(db => ReadDurables(db, shard)), cancellationToken);

    public Task<IReadOnlyList<ExpiredUser>> FindExpiredAsync(long now, int maxCount, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                var (users, dangling) = _database.Read(db => FindExpired(db, now, maxCount, cancellationToken));
                if (dangling.Count > 0)
                    _writer.Enqueue(new ExpiryRepair(_database, dangling));
                return users;
            },
            cancellationToken
        );

    public Task<IReadOnlyList<DueUser>> FindDueAsync(long now, int maxCount, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
            {
                var (users, dangling) = _database.Read(db => FindDue(db, now, maxCount, cancellationToken));
                if (dangling.Count > 0)
                    _writer.Enqueue(new NoticeRepair(_database, dangling));
                return users;
            },
            cancellationToken
        );

    public void Dispose()
    {
        _writer.Dispose();
        _database.Dispose();
    }

    private IReadOnlyList<StoredMessage> ReadRows(RocksDb db, int shard, string user, long expiredAt, Place after, int maxCount, int maxBytes)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var rows = new List<StoredMessage>();
        var bytes = 0L;
        using var iterator = db.NewIteratorUpTo(OutboxKeys.RowsEnd(buffer, shard, user));
        for (iterator.Seek(OutboxKeys.Row(buffer, shard, user, after)); iterator.Valid() && rows.Count < maxCount && bytes < maxBytes; iterator.Next())
        {
            var place = OutboxKeys.PlaceOf(iterator.GetKeySpan());
            if (place <= after || (expiredAt < long.MaxValue && !(RowFormat.ReadExpiresAt(iterator.GetValueSpan()) <= expiredAt)))
                continue;
            var row = RowFormat.Read(user, place, iterator.GetValueSpan());
            rows.Add(row);
            bytes += row.Notification.Size;
        }
        iterator.ThrowIfFailed();
        _metrics.RowsRead(rows.Count);
        return rows;
    }

    private static Place? FindPlace(RocksDb db, int shard, string user, string messageId)
    {
        var buffer = new ArrayBufferWriter<byte>();
        // Within one prefix, so that the filters answer for ids that are not there.
        using var iterator = db.NewIterator(readOptions: new ReadOptions().SetPrefixSameAsStart(true));
        for (iterator.Seek(OutboxKeys.MessageIdPrefix(buffer, shard, user, messageId)); iterator.Valid(); iterator.Next())
        {
            var place = OutboxKeys.PlaceOf(iterator.GetKeySpan());
            var row = db.Get(OutboxKeys.Row(buffer, shard, user, place));
            if (row is not null && RowFormat.Read(user, place, row).Notification.MessageId == messageId)
                return place;
        }
        iterator.ThrowIfFailed();
        return null;
    }

    private static (IReadOnlyList<ExpiredUser> Users, List<(int Shard, ExpiryEntry Entry)> Dangling) FindExpired(
        RocksDb db,
        long now,
        int maxCount,
        CancellationToken cancellationToken
    )
    {
        var buffer = new ArrayBufferWriter<byte>();
        var users = new HashSet<ExpiredUser>();
        var dangling = new List<(int, ExpiryEntry)>();
        using var iterator = db.NewIteratorUpTo(OutboxKeys.ExpiryEnd(buffer, now));
        for (iterator.Seek(OutboxKeys.ExpiryStart); iterator.Valid() && users.Count < maxCount; iterator.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (shard, entry) = OutboxKeys.ReadExpiry(iterator.GetKeySpan());
            var user = new ExpiredUser(shard, entry.User);
            if (users.Contains(user))
                continue;
            var row = db.Get(OutboxKeys.Row(buffer, shard, entry.User, entry.Place));
            var expiresAt = row is null ? 0 : RowFormat.ReadExpiresAt(row);
            if (expiresAt == entry.ExpiresAt)
                users.Add(user);
            // A row that cannot be read waits for a silo that can: it holds up neither its user's others nor the sweep.
            else if (expiresAt is not null)
                dangling.Add((shard, entry));
        }
        iterator.ThrowIfFailed();
        return ([.. users], dangling);
    }

    private static (IReadOnlyList<DueUser> Users, List<(int Shard, NoticeEntry Entry)> Dangling) FindDue(
        RocksDb db,
        long now,
        int maxCount,
        CancellationToken cancellationToken
    )
    {
        var buffer = new ArrayBufferWriter<byte>();
        var users = new List<DueUser>();
        var dangling = new List<(int, NoticeEntry)>();
        using var iterator = db.NewIteratorUpTo(OutboxKeys.NoticeEnd(buffer, now));
        for (iterator.Seek(OutboxKeys.NoticeStart); iterator.Valid() && users.Count < maxCount; iterator.Next())
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (shard, entry) = OutboxKeys.ReadNotice(iterator.GetKeySpan());
            if (NoticeRepair.IsDangling(db, buffer, shard, entry))
                dangling.Add((shard, entry));
            else
                users.Add(new DueUser(shard, entry.User));
        }
        iterator.ThrowIfFailed();
        return (users, dangling);
    }

    private static IReadOnlyList<DurableMailbox> ReadDurables(RocksDb db, int shard)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var mailboxes = new List<DurableMailbox>();
        using var iterator = db.NewIteratorUpTo(OutboxKeys.DurablesStart(buffer, shard + 1));
        for (iterator.Seek(OutboxKeys.DurablesStart(buffer, shard)); iterator.Valid(); iterator.Next())
            mailboxes.Add(RowFormat.ReadDurable(iterator.GetValueSpan()));
        iterator.ThrowIfFailed();
        return mailboxes;
    }

    /// <summary>Answers on the caller's thread: a look-up in memory, or a block or two from disk.</summary>
    private static Task<T> Answer<T>(Func<T> read)
    {
        try
        {
            return Task.FromResult(read());
        }
        catch (OutboxUnavailableException fault)
        {
            return Task.FromException<T>(fault);
        }
    }
}
