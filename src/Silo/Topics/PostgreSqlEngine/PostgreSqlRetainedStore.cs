using System.Buffers;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics.Retained;
using NotifyOrleans.Silo.Database;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Outbox.Rows;
using NpgsqlTypes;
using static NotifyOrleans.Silo.Database.SqlParameters;

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
        database.ReadRowsAsync(ReadAll, [Utf8(exchange)], reader => RetainedRow.Read(reader.GetInt64(0), reader.GetBytes(1)), cancellationToken);

    public Task SaveAsync(string exchange, IReadOnlyList<RetainedMessage> set, IReadOnlyList<(string RoutingKey, long Version)> cleared)
    {
        var buffer = new ArrayBufferWriter<byte>();
        return database.ExecuteAsync(
            Save,
            Utf8(exchange),
            Utf8(set.Select(message => message.Notification.RoutingKey)),
            ArrayOf(set.Select(message => message.Version), NpgsqlDbType.Bigint),
            ArrayOf(set.Select(message => RowFormat.Write(buffer, RetainedRow.Of(message)).ToArray()), NpgsqlDbType.Bytea),
            Utf8(cleared.Select(key => key.RoutingKey)),
            ArrayOf(cleared.Select(key => key.Version), NpgsqlDbType.Bigint)
        );
    }
}
