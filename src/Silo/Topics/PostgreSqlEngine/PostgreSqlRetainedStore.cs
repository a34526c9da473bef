using System.Buffers;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics.Retained;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Outbox.Rows;
using Npgsql;
using NpgsqlTypes;

namespace NotifyOrleans.Silo.Topics.PostgreSqlEngine;

/// <summary>Retained messages in the outbox's own PostgreSQL database. A save is one statement.</summary>
internal sealed class PostgreSqlRetainedStore(OutboxDatabase database) : IRetainedStore
{
    private const string ReadAll = "SELECT version, message FROM topic_retained WHERE exchange = $1";

    private const string Save = """
        WITH cleared AS (
            DELETE FROM topic_retained r USING unnest($5::bytea[], $6::bigint[]) AS c(routing_key, version)
            WHERE r.exchange = $1 AND r.routing_key = c.routing_key AND r.version <= c.version)
        INSERT INTO topic_retained AS r (exchange, routing_key, version, message)
        SELECT $1, s.* FROM unnest($2::bytea[], $3::bigint[], $4::bytea[]) AS s
        ON CONFLICT (exchange, routing_key) DO UPDATE SET version = excluded.version, message = excluded.message WHERE r.version < excluded.version
        """;

    public Task<IReadOnlyList<RetainedMessage>> ReadAsync(string exchange, CancellationToken cancellationToken) =>
        database.ReadAsync(
            ReadAll,
            [Bytes(exchange)],
            async reader =>
            {
                var messages = new List<RetainedMessage>();
                while (await reader.ReadAsync())
                    messages.Add(RetainedRow.Read(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
                return (IReadOnlyList<RetainedMessage>)messages;
            },
            cancellationToken
        );

    public Task SaveAsync(string exchange, IReadOnlyList<RetainedMessage> set, IReadOnlyList<(string RoutingKey, long Version)> cleared)
    {
        var buffer = new ArrayBufferWriter<byte>();
        NpgsqlParameter[] parameters =
        [
            Bytes(exchange),
            ArrayOf(set.Select(message => Encoding.UTF8.GetBytes(message.Notification.RoutingKey)), NpgsqlDbType.Bytea),
            ArrayOf(set.Select(message => message.Version), NpgsqlDbType.Bigint),
            ArrayOf(set.Select(message => RowFormat.Write(buffer, RetainedRow.Of(message)).ToArray()), NpgsqlDbType.Bytea),
            ArrayOf(cleared.Select(key => Encoding.UTF8.GetBytes(key.RoutingKey)), NpgsqlDbType.Bytea),
            ArrayOf(cleared.Select(key => key.Version), NpgsqlDbType.Bigint),
        ];
        return database.ReadAsync(Save, parameters, reader => Task.FromResult(reader.RecordsAffected), CancellationToken.None);
    }

    private static NpgsqlParameter<byte[]> Bytes(string text) => new() { TypedValue = Encoding.UTF8.GetBytes(text) };

    private static NpgsqlParameter<T[]> ArrayOf<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };
}
