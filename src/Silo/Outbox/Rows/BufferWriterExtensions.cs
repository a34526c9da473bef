using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace NotifyOrleans.Silo.Outbox.Rows;

/// <summary>Numbers and texts as keys and rows hold them.</summary>
internal static class BufferWriterExtensions
{
    private const int MaxVarintBytes = 10;

    public static void WriteByte(this ArrayBufferWriter<byte> buffer, byte value)
    {
        buffer.GetSpan(1)[0] = value;
        buffer.Advance(1);
    }

    /// <summary>Big-endian, so that keys sort as the numbers do.</summary>
    public static void WriteUInt16(this ArrayBufferWriter<byte> buffer, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(buffer.GetSpan(sizeof(ushort)), value);
        buffer.Advance(sizeof(ushort));
    }

    /// <inheritdoc cref="WriteUInt16"/>
    public static void WriteUInt64(this ArrayBufferWriter<byte> buffer, ulong value)
    {
        BinaryPrimitives.WriteUInt64BigEndian(buffer.GetSpan(sizeof(ulong)), value);
        buffer.Advance(sizeof(ulong));
    }

    /// <summary>Seven bits a byte, the lowest first; the high bit says that more follow.</summary>
    public static void WriteVarint(this ArrayBufferWriter<byte> buffer, ulong value)
    {
        var span = buffer.GetSpan(MaxVarintBytes);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }
        span[length++] = (byte)value;
        buffer.Advance(length);
    }

    /// <summary>UTF-8 with its length as a varint before it.</summary>
    public static void WriteText(this ArrayBufferWriter<byte> buffer, string text)
    {
        buffer.WriteVarint((ulong)Encoding.UTF8.GetByteCount(text));
        Encoding.UTF8.GetBytes(text, buffer);
    }
}
