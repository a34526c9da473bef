using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Database;
using NotifyOrleans.Silo.Outbox.Rows;
using Npgsql;
using static NotifyOrleans.Silo.Database.SqlParameters;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>The outbox in a PostgreSQL database that many silos share. See docs/decisions/0015-outbox-postgresql.md.</summary>
public sealed class PostgreSqlOutboxStore : IOutboxStore, IAsyncDisposable
{
    /// <summary>Rows that are looked at for each user that a search for expired ones may name: more than most users have.</summary>
    private const int ExpiredRowsPerUser = 16;

    private readonly OutboxDatabase _database;
    private readonly OutboxWriter _writer;
    private readonly OutboxMetrics _metrics;

    /// <summary>Begins to connect. A database that is away is no error here: <see cref="Health"/> says so, and it is tried again each second.</summary>
    /// <param name="connectionString">Npgsql's; what it leaves open is set as <see cref="DatabaseSettings"/> says.</param>
    /// <param name="metrics">Are told of what is written and read.</param>
    /// <param name="logger">Is told when the database goes and when it is back.</param>
    /// <exception cref="ArgumentException">The connection string cannot be read.</exception>
    public PostgreSqlOutboxStore(string connectionString, OutboxMetrics metrics, ILogger<PostgreSqlOutboxStore> logger)
    {
        _metrics = metrics;
        _database = new OutboxDatabase(connectionString, logger);
        _writer = new OutboxWriter(_database, metrics);
        metrics.Observe(() => Health.Writable, () => _database.DiskBytes);
    }

    /// <summary>The database, which others may keep things in beside the outbox.</summary>
    internal OutboxDatabase Database => _database;

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

    public Task<IReadOnlyList<StoredMessage>> ReadAsync(int shard, string user, Place after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        ReadExpiredAsync(shard, user, long.MaxValue, after, maxCount, maxBytes, cancellationToken);

    public Task<IReadOnlyList<StoredMessage>> ReadExpiredAsync(
        int shard,
        string user,
        long now,
        Place after,
        int maxCount,
        int maxBytes,
        CancellationToken cancellationToken
    ) =>
        _database.ReadAsync(
            OutboxStatements.Read,
            [.. KeyOf(shard, user), Number(after.Epoch), Number(after.Number), Number(maxCount), Number(maxBytes), Number(now)],
            async reader =>
            {
                var rows = new List<StoredMessage>();
                while (await reader.ReadAsync())
                    rows.Add(ReadRow(user, reader));
                _metrics.RowsRead(rows.Count);
                return (IReadOnlyList<StoredMessage>)rows;
            },
            cancellationToken
        );

    public Task<MailboxTally> ReadTallyAsync(int shard, string user, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            OutboxStatements.ReadTally,
            KeyOf(shard, user),
            async reader =>
                await reader.ReadAsync() ? new MailboxTally(reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), reader.GetInt64(3)) : default,
            cancellationToken
        );

    public Task<Place?> FindAsync(int shard, string user, string messageId, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            OutboxStatements.Find,
            [Number(UserKey.HashMessageId(shard, UserKey.Of(user), messageId)), .. KeyOf(shard, user)],
            async reader =>
            {
                while (await reader.ReadAsync())
                {
                    if (ReadRow(user, reader) is var row && row.Notification.MessageId == messageId)
                        return (Place?)row.Place;
                }
                return null;
            },
            cancellationToken
        );

    public Task<IReadOnlyList<DurableMailbox>> ReadDurablesAsync(int shard, CancellationToken cancellationToken) =>
        _database.ReadRowsAsync(
            OutboxStatements.ReadDurables,
            [Shard(shard)],
            reader => new DurableMailbox(reader.GetUtf8(0), reader.GetUtf8(1), reader.GetUtf8(2), reader.GetUtf8(3), reader.GetInt64(4)),
            cancellationToken
        );

    /// <remarks>Looks at the oldest rows only, and at more of them when they belong to too few users: there may be millions.</remarks>
    public async Task<IReadOnlyList<ExpiredUser>> FindExpiredAsync(long now, int maxCount, CancellationToken cancellationToken)
    {
        for (var rows = (long)maxCount * ExpiredRowsPerUser; ; rows *= ExpiredRowsPerUser)
        {
            var users = await FindExpiredAsync(now, rows, maxCount, cancellationToken);
            if (users.Count == maxCount || await CountExpiredAsync(now, rows, cancellationToken) < rows)
                return users;
        }
    }

    public Task<IReadOnlyList<DueUser>> FindDueAsync(long now, int maxCount, CancellationToken cancellationToken) =>
        _database.ReadRowsAsync(
            OutboxStatements.FindDue,
            [Number(now), Number(maxCount)],
            reader => new DueUser(reader.GetInt16(0), ReadUser(reader)),
            cancellationToken
        );

    public async ValueTask DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _database.DisposeAsync();
    }

    private Task<IReadOnlyList<ExpiredUser>> FindExpiredAsync(long now, long rows, int maxCount, CancellationToken cancellationToken) =>
        _database.ReadRowsAsync(
            OutboxStatements.FindExpired,
            [Number(now), Number(rows), Number(maxCount)],
            reader => new ExpiredUser(reader.GetInt16(0), ReadUser(reader)),
            cancellationToken
        );

    private Task<long> CountExpiredAsync(long now, long rows, CancellationToken cancellationToken) =>
        _database.ReadAsync(
            OutboxStatements.CountExpired,
            [Number(now), Number(rows)],
            async reader => await reader.ReadAsync() ? reader.GetInt64(0) : 0,
            cancellationToken
        );

    /// <summary>The user whose key is the second column, and whose name, if the key does not show it, the third.</summary>
    private static string ReadUser(NpgsqlDataReader reader) => UserKey.Read(reader.GetBytes(1), reader.IsDBNull(2) ? null : reader.GetBytes(2));

    private static StoredMessage ReadRow(string user, NpgsqlDataReader reader) =>
        RowFormat.Read(user, new Place(reader.GetInt64(0), reader.GetInt64(1)), reader.GetBytes(2));

    private static NpgsqlParameter[] KeyOf(int shard, string user) => [Shard(shard), Bytes(UserKey.Of(user))];

    private static NpgsqlParameter<short> Shard(int shard) => new() { TypedValue = (short)shard };
}
