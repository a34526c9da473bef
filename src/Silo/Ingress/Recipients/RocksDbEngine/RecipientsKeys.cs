using System.Buffers;
using System.Buffers.Binary;
using NotifyOrleans.Silo.Outbox.Rows;

namespace NotifyOrleans.Silo.Ingress.Recipients.RocksDbEngine;

/// <summary>
/// Keys of messages to many users, beside those of the outbox and the topic logs, by kind:
/// <code>
/// 30 log         a log's epoch and the highest number that was given
/// 31 log number  message with its recipients
/// </code>
/// Numbers are big-endian, 8 bytes; texts are UTF-8 behind their length.
/// </summary>
internal static class RecipientsKeys
{
    private const byte LogKind = 0x30;
    private const byte DeliveryKind = 0x31;

    public static byte[] DeliveriesStart => [DeliveryKind];

    public static byte[] DeliveriesEnd => [DeliveryKind + 1];

    public static byte[] Log(string log) => Start(LogKind, log).WrittenSpan.ToArray();

    public static byte[] Delivery(string log, long number)
    {
        var key = Start(DeliveryKind, log);
        key.WriteUInt64((ulong)number);
        return key.WrittenSpan.ToArray();
    }

    /// <summary>The log that a key of <see cref="Delivery"/> names.</summary>
    public static string ReadLog(ReadOnlySpan<byte> key) => new RowReader(key[1..]).ReadText();

    public static long ReadNumber(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadInt64BigEndian(key[^sizeof(long)..]);

    private static ArrayBufferWriter<byte> Start(byte kind, string log)
    {
        var key = new ArrayBufferWriter<byte>(64);
        key.WriteByte(kind);
        key.WriteText(log);
        return key;
    }
}
