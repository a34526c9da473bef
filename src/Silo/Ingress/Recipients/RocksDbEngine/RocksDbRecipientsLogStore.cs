using System.Buffers;
using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Ingress.Recipients.RocksDbEngine;

/// <summary>
/// Messages to many users in the outbox's own RocksDB: one folder, one writer, one sync for all that comes together. See
/// docs/decisions/0029-many-recipients.md.
/// </summary>
internal sealed class RocksDbRecipientsLogStore(OutboxDatabase database, OutboxWriter writer) : IRecipientsLogStore
{
    public Task<RecipientsLogState> OpenAsync(string log, CancellationToken cancellationToken) =>
        writer.ChangeAsync(group =>
        {
            var state = ReadState(group, log);
            state = state with { Epoch = state.Epoch + 1 };
            Set(group, log, state);
            return state;
        });

    public Task AppendAsync(string log, long epoch, IReadOnlyList<LoggedDelivery> deliveries) =>
        writer.ChangeAsync(group =>
        {
            var state = ReadState(group, log);
            if (state.Epoch != epoch)
                throw new StaleLogException(log, epoch);
            // Those up to the end are there, or are gone again: the call was repeated.
            foreach (var delivery in deliveries.Where(delivery => delivery.Number > state.Last))
                group.Set(RecipientsKeys.Delivery(log, delivery.Number), LoggedDeliveryRow.Write(delivery), sync: true);
            if (deliveries is [.., var newest] && newest.Number > state.Last)
                Set(group, log, state with { Last = newest.Number });
            return true;
        });

    public Task<IReadOnlyList<LoggedDelivery>> ReadAsync(string log, long after, int maxCount, int maxBytes, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                database.Read(db =>
                {
                    var deliveries = new List<LoggedDelivery>();
                    var bytes = 0L;
                    using var iterator = db.NewIteratorUpTo(RecipientsKeys.Delivery(log, long.MaxValue));
                    for (
                        iterator.Seek(RecipientsKeys.Delivery(log, after + 1));
                        iterator.Valid() && deliveries.Count < maxCount && bytes < maxBytes;
                        iterator.Next()
                    )
                    {
                        deliveries.Add(LoggedDeliveryRow.Read(RecipientsKeys.ReadNumber(iterator.GetKeySpan()), iterator.GetValueSpan()));
                        bytes += iterator.GetValueSpan().Length;
                    }
                    iterator.ThrowIfFailed();
                    return (IReadOnlyList<LoggedDelivery>)deliveries;
                }),
            cancellationToken
        );

    public Task<IReadOnlyList<string>> FindLogsAsync(CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                database.Read(db =>
                {
                    var logs = new List<string>();
                    using var iterator = db.NewIteratorUpTo(RecipientsKeys.DeliveriesEnd);
                    for (iterator.Seek(RecipientsKeys.DeliveriesStart); iterator.Valid(); iterator.Seek(RecipientsKeys.Delivery(logs[^1], long.MaxValue)))
                        logs.Add(RecipientsKeys.ReadLog(iterator.GetKeySpan()));
                    iterator.ThrowIfFailed();
                    return (IReadOnlyList<string>)logs;
                }),
            cancellationToken
        );

    public Task DeleteAsync(string log, IReadOnlyList<long> numbers) =>
        writer.ChangeAsync(group =>
        {
            foreach (var number in numbers)
                group.Set(RecipientsKeys.Delivery(log, number), null, sync: false);
            return true;
        });

    private static RecipientsLogState ReadState(CommitGroup group, string log)
    {
        if (group.Get(RecipientsKeys.Log(log)) is not { } value)
            return default;
        var reader = new RowReader(value);
        return new RecipientsLogState(reader.ReadInt64(), reader.ReadInt64());
    }

    private static void Set(CommitGroup group, string log, RecipientsLogState state)
    {
        var value = new ArrayBufferWriter<byte>();
        value.WriteVarint((ulong)state.Epoch);
        value.WriteVarint((ulong)state.Last);
        group.Set(RecipientsKeys.Log(log), value.WrittenSpan.ToArray(), sync: true);
    }
}
