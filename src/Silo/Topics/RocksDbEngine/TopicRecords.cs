using System.Buffers;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Topics.RocksDbEngine;

/// <summary>
/// The values behind <see cref="TopicKeys"/>: numbers as varints, texts with their length; a message as in the outbox, behind its running total and whether it
/// was cut.
/// </summary>
internal static class TopicRecords
{
    public static byte[] Write(params ReadOnlySpan<long> numbers)
    {
        var buffer = new ArrayBufferWriter<byte>();
        foreach (var number in numbers)
            buffer.WriteVarint((ulong)number);
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Write(StoredTopic message)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.WriteVarint((ulong)message.Total);
        buffer.WriteByte(message.IsCut ? (byte)1 : (byte)0);
        buffer.Write(RowFormat.Write(new ArrayBufferWriter<byte>(), StoredTopicRow.Of(message)));
        return buffer.WrittenSpan.ToArray();
    }

    public static byte[] Write(SubscriptionRecord record)
    {
        var buffer = new ArrayBufferWriter<byte>();
        buffer.WriteText(record.Topic.User);
        buffer.WriteText(record.Topic.Id);
        buffer.WriteText(record.Topic.Interest.Exchange);
        buffer.WriteText(record.Topic.Interest.Pattern);
        buffer.WriteByte(record.HasBegun ? (byte)1 : (byte)0);
        buffer.WriteText(record.Session);
        buffer.WriteVarint((ulong)record.SeenAt);
        buffer.WriteVarint((ulong)record.Marks.Count);
        foreach (var mark in record.Marks)
        {
            buffer.WriteText(mark.Log);
            buffer.WriteVarint((ulong)mark.Settled);
            buffer.WriteVarint((ulong)mark.Offered);
        }
        return buffer.WrittenSpan.ToArray();
    }

    public static long ReadNumber(byte[]? value) => value is null ? 0 : new RowReader(value).ReadInt64();

    public static TopicLogState ReadLog(string log, byte[]? head, byte[]? trim)
    {
        var (epoch, last, total, cut, gone) = (0L, 0L, 0L, 0L, 0L);
        if (head is not null)
        {
            var reader = new RowReader(head);
            (epoch, last, total) = (reader.ReadInt64(), reader.ReadInt64(), reader.ReadInt64());
        }
        if (trim is not null)
        {
            var reader = new RowReader(trim);
            (cut, gone) = (reader.ReadInt64(), reader.ReadInt64());
        }
        return new TopicLogState(log, epoch, last, total, cut, gone);
    }

    public static StoredTopic ReadMessage(long number, ReadOnlySpan<byte> value)
    {
        var reader = new RowReader(value);
        var total = reader.ReadInt64();
        var isCut = reader.ReadByte() == 1;
        return StoredTopicRow.Read(number, total, isCut, reader.Rest);
    }

    public static SubscriptionRecord ReadSubscription(ReadOnlySpan<byte> value)
    {
        var reader = new RowReader(value);
        var topic = new DurableTopic(reader.ReadText(), reader.ReadText(), new TopicInterest(reader.ReadText(), reader.ReadText()));
        var hasBegun = reader.ReadByte() == 1;
        var session = reader.ReadText();
        var seenAt = reader.ReadInt64();
        var marks = new LogMark[reader.ReadCount()];
        for (var i = 0; i < marks.Length; i++)
            marks[i] = new LogMark(reader.ReadText(), reader.ReadInt64(), reader.ReadInt64());
        return new SubscriptionRecord(topic, hasBegun, session, seenAt, marks);
    }

    /// <summary>What of a message stays when it is cut.</summary>
    public static StoredTopic Cut(StoredTopic message) =>
        message with
        {
            IsCut = true,
            Notification = new Notification { Exchange = message.Notification.Exchange, RoutingKey = message.Notification.RoutingKey },
        };
}
