using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using Npgsql;
using NpgsqlTypes;

namespace NotifyOrleans.Silo.Ingress.Recipients.PostgreSqlEngine;

/// <summary>Messages to many users in the outbox's own PostgreSQL database, which many silos share. See docs/decisions/0029-many-recipients.md.</summary>
internal sealed class PostgreSqlRecipientsLogStore(OutboxDatabase database) : IRecipientsLogStore
{
    public Task<RecipientsLogState> OpenAsync(string log, CancellationToken cancellationToken) =>
        database.ReadAsync(
            RecipientsStatements.Open,
            [Text(log)],
            async reader =>
            {
                await reader.ReadAsync();
                return new RecipientsLogState(reader.GetInt64(0), reader.GetInt64(1));
            },
            cancellationToken
        );

    public async Task AppendAsync(string log, long epoch, IReadOnlyList<LoggedDelivery> deliveries)
    {
        if (deliveries.Count == 0)
            return;
        NpgsqlParameter[] parameters =
        [
            Text(log),
            Number(epoch),
            Number(deliveries[^1].Number),
            ArrayOf(deliveries.Select(delivery => delivery.Number), NpgsqlDbType.Bigint),
            ArrayOf(deliveries.Select(LoggedDeliveryRow.Write), NpgsqlDbType.Bytea),
        ];
        if (!await database.ReadAsync(RecipientsStatements.Append, parameters, reader => reader.ReadAsync(), CancellationToken.None))
            throw new StaleLogException(log, epoch);
    }

    public Task<IReadOnlyList<LoggedDelivery>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        database.ReadAsync(
            RecipientsStatements.Read,
            [Text(log), Number(after), Number(maxCount), Number(maxBytes)],
            async reader =>
            {
                var deliveries = new List<LoggedDelivery>();
                while (await reader.ReadAsync())
                    deliveries.Add(LoggedDeliveryRow.Read(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1)));
                return (IReadOnlyList<LoggedDelivery>)deliveries;
            },
            cancellationToken
        );

    public Task<IReadOnlyList<string>> FindLogsAsync(CancellationToken cancellationToken) =>
        database.ReadAsync(
            RecipientsStatements.FindLogs,
            [],
            async reader =>
            {
                var logs = new List<string>();
                while (await reader.ReadAsync())
                    logs.Add(reader.GetString(0));
                return (IReadOnlyList<string>)logs;
            },
            cancellationToken
        );

    public Task DeleteAsync(string log, IReadOnlyList<long> numbers) =>
        database.ReadAsync(
            RecipientsStatements.Delete,
            [Text(log), ArrayOf(numbers, NpgsqlDbType.Bigint)],
            reader => Task.FromResult(reader.RecordsAffected),
            CancellationToken.None
        );

    private static NpgsqlParameter<long> Number(long value) => new() { TypedValue = value };

    private static NpgsqlParameter<string> Text(string value) => new() { TypedValue = value };

    private static NpgsqlParameter<T[]> ArrayOf<T>(IEnumerable<T> values, NpgsqlDbType type) =>
        new() { TypedValue = [.. values], NpgsqlDbType = NpgsqlDbType.Array | type };
}
