using System.Buffers;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.Rows;
using Npgsql;
using NpgsqlTypes;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>
/// Changes of several callers that are written together, as one transaction. Of several changes to one row the last is kept: nobody can see the group half
/// done. Commits of a shard come before its opening.
/// </summary>
/// <param name="number">Rises with each group of the store.</param>
internal sealed class CommitGroup(long number)
{
    private readonly Dictionary<int, long> _epochs = [];
    private readonly HashSet<int> _openings = [];
    private readonly Dictionary<(int Shard, string User, Place Place), StoredMessage?> _rows = [];
    private readonly Dictionary<(int Shard, string User), MailboxTally> _tallies = [];
    private readonly Dictionary<(int Shard, string User, string Name), DurableMailbox?> _durables = [];
    private readonly ArrayBufferWriter<byte> _value = new();

    /// <summary>Bytes of messages so far.</summary>
    public long Bytes { get; private set; }

    public int Appended { get; private set; }

    public int Deleted { get; private set; }

    /// <summary>Whether there is nothing to write.</summary>
    public bool IsEmpty => _epochs.Count == 0 && _openings.Count == 0;

    /// <summary>Deletions need not survive a loss of power: a row that comes back is delivered again, flagged. All else must.</summary>
    private bool NeedsSync => Appended > 0 || _durables.Count > 0 || _openings.Count > 0;

    public IReadOnlyDictionary<int, long> Epochs => _epochs;

    /// <summary>False when the group has another epoch for the shard, or takes it.</summary>
    public bool TryClaim(int shard, long epoch)
    {
        if (_openings.Contains(shard) || _epochs.GetValueOrDefault(shard, epoch) != epoch)
            return false;
        _epochs[shard] = epoch;
        return true;
    }

    /// <summary>False when the group takes the shard already: each opening has an epoch of its own.</summary>
    public bool TryOpen(int shard) => _openings.Add(shard);

    public void Append(int shard, StoredMessage row)
    {
        _rows[(shard, row.User, row.Place)] = row;
        Bytes += row.Notification.Size;
        Appended++;
    }

    public void Delete(int shard, in StoredKey key)
    {
        _rows[(shard, key.User, key.Place)] = null;
        Deleted++;
    }

    public void SetTally(int shard, in UserTally tally) => _tallies[(shard, tally.User)] = tally.Tally;

    public void Keep(int shard, DurableMailbox mailbox) => _durables[(shard, mailbox.User, mailbox.Name)] = mailbox;

    public void End(int shard, DurableMailbox mailbox) => _durables[(shard, mailbox.User, mailbox.Name)] = null;

    /// <summary>The transaction; <see cref="ReadResultAsync"/> reads what it returns.</summary>
    public NpgsqlBatch ToBatch(NpgsqlConnection connection)
    {
        var batch = new NpgsqlBatch(connection);
        if (!NeedsSync)
            Add(OutboxStatements.DoNotSync);
        Add(OutboxStatements.Lock, ArrayOf(_epochs.Keys.Union(_openings).Select(shard => (short)shard), NpgsqlDbType.Smallint));
        if (_epochs.Count > 0)
        {
            Add(OutboxStatements.Claim, Claims());
            AddDeletes();
            AddAppends();
            AddTallies();
            AddDurables();
        }
        if (_openings.Count > 0)
            Add(OutboxStatements.Open, ArrayOf(_openings.Select(shard => (short)shard), NpgsqlDbType.Smallint));
        return batch;

        void AddDeletes()
        {
            var keys = _rows.Where(row => row.Value is null).Select(row => row.Key).ToArray();
            if (keys.Length > 0)
                Add(OutboxStatements.Delete, [.. Claims(), .. Keys(keys)]);
        }

        void AddAppends()
        {
            var rows = _rows.Where(row => row.Value is not null).Select(row => (row.Key.Shard, Row: row.Value!)).ToArray();
            if (rows.Length == 0)
                return;
            var users = rows.Select(row => UserKey.Of(row.Row.User)).ToArray();
            Add(
                OutboxStatements.Append,
                [
                    .. Claims(),
                    ArrayOf(rows.Select(row => (short)row.Shard), NpgsqlDbType.Smallint),
                    ArrayOf(users, NpgsqlDbType.Bytea),
                    ArrayOf(rows.Select(row => row.Row.Place.Epoch), NpgsqlDbType.Bigint),
                    ArrayOf(rows.Select(row => row.Row.Place.Number), NpgsqlDbType.Bigint),
                    ArrayOf(rows.Select(row => row.Row.ExpiresAt), NpgsqlDbType.Bigint),
                    ArrayOf(
                        rows.Select((row, i) => row.Row.Notification.MessageId is { } id ? UserKey.HashMessageId(row.Shard, users[i], id) : (long?)null),
                        NpgsqlDbType.Bigint
                    ),
                    ArrayOf(rows.Select(row => row.Row.Notification.Size), NpgsqlDbType.Integer),
                    ArrayOf(rows.Select(row => RowFormat.Write(_value, row.Row).ToArray()), NpgsqlDbType.Bytea),
                    ArrayOf(rows.Select((row, i) => UserKey.LongName(row.Row.User, users[i])), NpgsqlDbType.Bytea),
                ]
            );
        }

        void AddTallies()
        {
            var gone = _tallies.Where(tally => tally.Value == default).Select(tally => tally.Key).ToArray();
            if (gone.Length > 0)
                Add(OutboxStatements.DeleteTallies, [.. Claims(), .. Users(gone)]);
            var kept = _tallies.Where(tally => tally.Value != default).ToArray();
            if (kept.Length == 0)
                return;
            Add(
                OutboxStatements.SetTallies,
                [
                    .. Claims(),
                    .. Users([.. kept.Select(tally => tally.Key)]),
                    ArrayOf(kept.Select(tally => tally.Value.Messages), NpgsqlDbType.Bigint),
                    ArrayOf(kept.Select(tally => tally.Value.Bytes), NpgsqlDbType.Bigint),
                    ArrayOf(kept.Select(tally => tally.Value.Dropped), NpgsqlDbType.Bigint),
                    ArrayOf(kept.Select(tally => tally.Value.NoticeAt), NpgsqlDbType.Bigint),
                    ArrayOf(kept.Select(tally => UserKey.LongName(tally.Key.User, UserKey.Of(tally.Key.User))), NpgsqlDbType.Bytea),
                ]
            );
        }

        void AddDurables()
        {
            var ended = _durables.Where(durable => durable.Value is null).Select(durable => durable.Key).ToArray();
            if (ended.Length > 0)
                Add(OutboxStatements.EndDurables, [.. Claims(), .. Durables(ended)]);
            var kept = _durables.Where(durable => durable.Value is not null).ToArray();
            if (kept.Length == 0)
                return;
            Add(
                OutboxStatements.KeepDurables,
                [
                    .. Claims(),
                    .. Durables([.. kept.Select(durable => durable.Key)]),
                    Texts(kept.Select(durable => durable.Value!.Exchange)),
                    Texts(kept.Select(durable => durable.Value!.Pattern)),
                    ArrayOf(kept.Select(durable => durable.Value!.SeenAt), NpgsqlDbType.Bigint),
                ]
            );
        }

        void Add(string sql, params NpgsqlParameter[] parameters)
        {
            var command = new NpgsqlBatchCommand(sql);
            command.Parameters.AddRange(parameters);
            batch.BatchCommands.Add(command);
        }
    }

    public async Task<GroupResult> ReadResultAsync(NpgsqlDataReader reader)
    {
        // Statements that return no rows have no result here. The first result is that of the lock, or stands before it.
        if (!NeedsSync)
            await reader.NextResultAsync();
        var claimed = new HashSet<int>();
        if (_epochs.Count > 0 && await reader.NextResultAsync())
        {
            while (await reader.ReadAsync())
                claimed.Add(reader.GetInt16(0));
        }
        var opened = new Dictionary<int, long>();
        if (_openings.Count > 0 && await reader.NextResultAsync())
        {
            while (await reader.ReadAsync())
                opened.Add(reader.GetInt16(0), reader.GetInt64(1));
        }
        // Faults of the statements behind show here.
        while (await reader.NextResultAsync()) { }
        return GroupResult.Empty with { Claimed = claimed, Opened = opened };
    }

    private NpgsqlParameter[] Claims() =>
        [
            ArrayOf(_epochs.Keys.Select(shard => (short)shard), NpgsqlDbType.Smallint),
            ArrayOf(_epochs.Values, NpgsqlDbType.Bigint),
            new NpgsqlParameter<long> { TypedValue = number },
        ];

    private static NpgsqlParameter[] Keys((int Shard, string User, Place Place)[] keys) =>
        [
            .. Users([.. keys.Select(key => (key.Shard, key.User))]),
            ArrayOf(keys.Select(key => key.Place.Epoch), NpgsqlDbType.Bigint),
            ArrayOf(keys.Select(key => key.Place.Number), NpgsqlDbType.Bigint),
        ];

    private static NpgsqlParameter[] Users((int Shard, string User)[] users) =>
        [ArrayOf(users.Select(user => (short)user.Shard), NpgsqlDbType.Smallint), ArrayOf(users.Select(user => UserKey.Of(user.User)), NpgsqlDbType.Bytea)];

    private static NpgsqlParameter[] Durables((int Shard, string User, string Name)[] keys) =>
        [ArrayOf(keys.Select(key => (short)key.Shard), NpgsqlDbType.Smallint), Texts(keys.Select(key => key.User)), Texts(keys.Select(key => key.Name))];

    /// <summary>As UTF-8: the database's own texts cannot hold NUL, and one that does would fail the whole group.</summary>
    private static NpgsqlParameter<byte[][]> Texts(IEnumerable<string> texts) => ArrayOf(texts.Select(Encoding.UTF8.GetBytes), NpgsqlDbType.Bytea);

    private static NpgsqlParameter<T[]> ArrayOf<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };
}
