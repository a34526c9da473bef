using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Database;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using Npgsql;
using NpgsqlTypes;
using static NotifyOrleans.Silo.Database.SqlParameters;

namespace NotifyOrleans.Silo.Ingress.Recipients.PostgreSqlEngine;

/// <summary>Messages to many users in the outbox's own PostgreSQL database, which many silos share. See docs/decisions/0029-many-recipients.md.</summary>
internal sealed class PostgreSqlRecipientsLogStore(OutboxDatabase database) : IRecipientsLogStore
{
    public async Task<RecipientsLogState> OpenAsync(string log, CancellationToken cancellationToken) =>
        (
            await database.ReadRowsAsync(
                RecipientsStatements.Open,
                [Text(log)],
                reader => new RecipientsLogState(reader.GetInt64(0), reader.GetInt64(1)),
                cancellationToken
            )
        )[0];

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
        database.ReadRowsAsync(
            RecipientsStatements.Read,
            [Text(log), Number(after), Number(maxCount), Number(maxBytes)],
            reader => LoggedDeliveryRow.Read(reader.GetInt64(0), reader.GetBytes(1)),
            cancellationToken
        );

    public Task<IReadOnlyList<string>> FindLogsAsync(CancellationToken cancellationToken) =>
        database.ReadRowsAsync(RecipientsStatements.FindLogs, [], reader => reader.GetString(0), cancellationToken);

    public Task DeleteAsync(string log, IReadOnlyList<long> numbers) =>
        database.ExecuteAsync(RecipientsStatements.Delete, Text(log), ArrayOf(numbers, NpgsqlDbType.Bigint));
}
