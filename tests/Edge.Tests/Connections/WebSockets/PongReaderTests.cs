using System.Buffers.Binary;
using NotifyOrleans.Edge.Connections.WebSockets;

namespace NotifyOrleans.Edge.Tests.Connections.WebSockets;

/// <summary>Pongs are found in the client's bytes, however these are cut.</summary>
public sealed class PongReaderTests
{
    private static readonly byte[] Stream =
    [
        .. Frame(0x81, [.. Enumerable.Repeat((byte)0x8A, 70)]),
        .. Frame(0x8A, Number(7)),
        .. Frame(0x02, new byte[300]),
        .. Frame(0x8A, []),
        .. Frame(0x80, new byte[70_000]),
        .. Frame(0x8A, Number(-2)),
        .. Frame(0x89, Number(11)),
        .. Frame(0x8A, new byte[9]),
        .. Frame(0x8A, Number(long.MaxValue)),
    ];

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(4096)]
    [InlineData(1_000_000)]
    public void Pongs_AreFoundInPiecesOfAnySize(int size)
    {
        var reader = default(PongReader);
        var found = new List<long>();
        foreach (var piece in Stream.Chunk(size))
        {
            ReadOnlySpan<byte> rest = piece;
            while (reader.TryRead(ref rest, out var number))
                found.Add(number);
            Assert.True(rest.IsEmpty);
        }
        Assert.True(reader.IsBetweenFrames);
        Assert.Equal([7, -2, long.MaxValue], found);
    }

    [Fact]
    public void Frame_IsNotOver_BeforeItsLastOctet()
    {
        var reader = default(PongReader);
        Assert.True(reader.IsBetweenFrames);
        byte[] frame = Frame(0x81, new byte[3]);
        foreach (var octet in frame[..^1])
        {
            ReadOnlySpan<byte> rest = [octet];
            reader.TryRead(ref rest, out _);
            Assert.False(reader.IsBetweenFrames);
        }
        ReadOnlySpan<byte> last = frame.AsSpan(^1..);
        reader.TryRead(ref last, out _);
        Assert.True(reader.IsBetweenFrames);
    }

    private static byte[] Number(long number)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, number);
        return bytes;
    }

    private static byte[] Frame(byte first, byte[] payload)
    {
        byte[] mask = [0xA1, 0xB2, 0xC3, 0xD4];
        byte[] length = payload.Length switch
        {
            <= 125 => [(byte)(0x80 | payload.Length)],
            <= ushort.MaxValue => [0x80 | 126, (byte)(payload.Length >> 8), (byte)payload.Length],
            _ => [0x80 | 127, .. Number(payload.Length)],
        };
        return [first, .. length, .. mask, .. payload.Select((octet, i) => (byte)(octet ^ mask[i & 3]))];
    }
}
