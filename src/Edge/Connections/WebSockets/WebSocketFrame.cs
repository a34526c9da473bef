using System.Buffers.Binary;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>
/// The frames that a server sends itself, one whole message or a ping, not masked, and the one that it reads as if a client had sent it, masked (RFC 6455,
/// 5.2).
/// </summary>
internal static class WebSocketFrame
{
    /// <summary>Bytes of the longest header.</summary>
    public const int MaxHeader = 2 + sizeof(long);

    /// <summary>Bytes of a ping that carries a number.</summary>
    public const int NumberedPing = 2 + sizeof(long);

    /// <summary>Bytes of a client's close that says no code.</summary>
    public const int ClientClose = 2 + sizeof(int);

    /// <summary>Bytes of the header of a deflate block that is stored as it is, at the beginning of a message.</summary>
    public const int StoredBlockHeader = 1 + (2 * sizeof(ushort));

    private const byte Final = 0x80;

    /// <summary>RSV1 (RFC 7692, 6).</summary>
    private const byte Compressed = 0x40;
    private const byte Text = 0x1;
    private const byte Binary = 0x2;
    private const byte Close = 0x8;
    private const byte Ping = 0x9;

    private const byte Masked = 0x80;

    // Lengths that say that the length follows, in two bytes or in eight.
    private const byte Length16 = 126;
    private const byte Length64 = 127;

    /// <summary>Bytes of the header of a message.</summary>
    public static int HeaderLength(int payload) =>
        payload switch
        {
            < Length16 => 2,
            <= ushort.MaxValue => 2 + sizeof(ushort),
            _ => MaxHeader,
        };

    /// <summary>Writes the header of a message, <see cref="HeaderLength"/> bytes.</summary>
    public static void WriteHeader(Span<byte> output, bool isText, bool isCompressed, int payload)
    {
        output[0] = (byte)(Final | (isCompressed ? Compressed : 0) | (isText ? Text : Binary));
        if (payload < Length16)
        {
            output[1] = (byte)payload;
        }
        else if (payload <= ushort.MaxValue)
        {
            output[1] = Length16;
            BinaryPrimitives.WriteUInt16BigEndian(output[2..], (ushort)payload);
        }
        else
        {
            output[1] = Length64;
            BinaryPrimitives.WriteInt64BigEndian(output[2..], payload);
        }
    }

    /// <summary>
    /// Writes the header of a deflate block that is stored as it is and is not the last (RFC 1951, 3.2.4), <see cref="StoredBlockHeader"/> bytes.
    /// </summary>
    public static void WriteStoredBlockHeader(Span<byte> output, ushort length)
    {
        output[0] = 0;
        BinaryPrimitives.WriteUInt16LittleEndian(output[1..], length);
        BinaryPrimitives.WriteUInt16LittleEndian(output[3..], (ushort)~length);
    }

    /// <summary>Writes a ping, <see cref="NumberedPing"/> bytes.</summary>
    public static void WritePing(Span<byte> output, long number)
    {
        output[0] = Final | Ping;
        output[1] = sizeof(long);
        BinaryPrimitives.WriteInt64BigEndian(output[2..], number);
    }

    /// <summary>Writes a close without a code as a client would, masked with zeros, <see cref="ClientClose"/> bytes.</summary>
    public static void WriteClientClose(Span<byte> output)
    {
        output[..ClientClose].Clear();
        output[0] = Final | Close;
        output[1] = Masked;
    }
}
