using System.Buffers;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Topics.Retained;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Topics.RocksDbEngine;

/// <summary>Retained messages in the outbox's own RocksDB, with its writer.</summary>
internal sealed class RocksDbRetainedStore(OutboxDatabase database, OutboxWriter writer) : IRetainedStore
{
    public Task<IReadOnlyList<RetainedMessage>> ReadAsync(string exchange, CancellationToken cancellationToken) =>
        Task.Run(
            () =>
                database.Read(db =>
                    (IReadOnlyList<RetainedMessage>)
                        [.. db.Range(TopicKeys.RetainedStart(exchange), TopicKeys.RetainedEnd(exchange)).Select(entry => Read(entry.Value))]
                ),
            cancellationToken
        );

    public Task SaveAsync(string exchange, IReadOnlyList<RetainedMessage> set, IReadOnlyList<(string RoutingKey, long Version)> cleared) =>
        writer.ChangeAsync(group =>
        {
            foreach (var message in set)
                Set(group, TopicKeys.Retained(exchange, message.Notification.RoutingKey), message.Version, Write(message));
            foreach (var (routingKey, version) in cleared)
                Set(group, TopicKeys.Retained(exchange, routingKey), version, null);
            return true;
        });

    private static void Set(CommitGroup group, byte[] key, long version, byte[]? value)
    {
        if (group.Get(key) is not { } former || TopicRecords.ReadNumber(former) <= version)
            group.Set(key, value, sync: true);
    }

    private static byte[] Write(RetainedMessage message)
    {
        var value = new ArrayBufferWriter<byte>();
        value.WriteVarint((ulong)message.Version);
        value.Write(RowFormat.Write(new ArrayBufferWriter<byte>(), RetainedRow.Of(message)));
        return value.WrittenSpan.ToArray();
    }

    private static RetainedMessage Read(byte[] value)
    {
        try
        {
            var reader = new RowReader(value);
            return RetainedRow.Read(reader.ReadInt64(), reader.Rest);
        }
        catch (InvalidDataException fault)
        {
            throw new OutboxUnavailableException($"A retained message is damaged: {fault.Message}", fault);
        }
    }
}
