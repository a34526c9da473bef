using System.Buffers;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox.Rows;
using NpgsqlTypes;
using static NotifyOrleans.Silo.Database.SqlParameters;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>What a group changes in <c>outbox_rows</c>: of several changes to a row the last.</summary>
internal sealed class RowChanges
{
    private readonly Dictionary<(int Shard, string User, Place Place), StoredMessage?> _rows = [];
    private readonly ArrayBufferWriter<byte> _value = new();

    /// <summary>Bytes of messages so far.</summary>
    public long Bytes { get; private set; }

    public int Appended { get; private set; }

    public int Deleted { get; private set; }

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

    public void AddTo(GroupStatements statements)
    {
        AddDeletes(statements);
        AddAppends(statements);
    }

    private void AddDeletes(GroupStatements statements)
    {
        var keys = _rows.Where(row => row.Value is null).Select(row => row.Key).ToArray();
        if (keys.Length == 0)
            return;
        statements.AddClaimed(
            OutboxStatements.Delete,
            GroupStatements.Shards(keys.Select(key => key.Shard)),
            ArrayOf(keys.Select(key => UserKey.Of(key.User)), NpgsqlDbType.Bytea),
            ArrayOf(keys.Select(key => key.Place.Epoch), NpgsqlDbType.Bigint),
            ArrayOf(keys.Select(key => key.Place.Number), NpgsqlDbType.Bigint)
        );
    }

    private void AddAppends(GroupStatements statements)
    {
        var rows = _rows.Where(row => row.Value is not null).Select(row => (row.Key.Shard, Row: row.Value!)).ToArray();
        if (rows.Length == 0)
            return;
        var users = rows.Select(row => UserKey.Of(row.Row.User)).ToArray();
        statements.AddClaimed(
            OutboxStatements.Append,
            GroupStatements.Shards(rows.Select(row => row.Shard)),
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
            ArrayOf(rows.Select((row, i) => UserKey.LongName(row.Row.User, users[i])), NpgsqlDbType.Bytea)
        );
    }
}
