using System.Text;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Stomp.Tests.Reading;

/// <summary>What a client can make a reader allocate and keep. Runs alone: what is kept is measured for the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class StompFrameReaderMemoryTests
{
    private static readonly byte[] Piece = [.. Enumerable.Repeat((byte)'x', 4096)];

    [Fact]
    public void Read_LargeBodyAnnounced_AllocatesForWhatHasCome()
    {
        var bytes = Allocated(() => Feed("SEND\ncontent-length:4000000\n\nabc", 0));
        Assert.InRange(bytes, 0, 10_000);
    }

    [Theory]
    [InlineData("", StompFault.CommandTooLong)]
    [InlineData("SEND\nx", StompFault.HeaderLineTooLong)]
    [InlineData("SEND\nx:", StompFault.HeaderLineTooLong)]
    [InlineData("SEND\n\n", StompFault.FrameTooLarge)]
    public void Read_EndlessStream_FaultsWithinItsLimits(string head, StompFault fault)
    {
        var limits = StompLimits.Default with { MaxFrameBytes = 1024 * 1024 };
        var reader = new StompFrameReader();
        var bytes = Allocated(() => reader = Feed(head, 4096, limits));
        Assert.Equal(fault, reader.Fault);
        // The buffer doubles: all its sizes together are at most twice the last.
        Assert.InRange(bytes, 0, (2 * limits.MaxFrameBytes) + 100_000);
    }

    [Fact]
    public void Read_EndlessHeaders_FaultsWithinItsLimits()
    {
        var reader = new StompFrameReader();
        var line = Encoding.UTF8.GetBytes($"{new string('n', 8000)}:{new string('v', 8000)}\n");
        var bytes = Allocated(() =>
        {
            Read(reader, "SEND\n"u8, StompLimits.Default);
            while (reader.Fault == StompFault.None)
                Read(reader, line, StompLimits.Default);
        });
        // All of them repeat the first, yet they count.
        Assert.Equal(StompFault.TooManyHeaders, reader.Fault);
        Assert.InRange(bytes, 0, 2 * StompLimits.Default.MaxFrameBytes);
    }

    [Fact]
    public void Read_HeartBeatsForEver_AllocatesNothing()
    {
        var reader = new StompFrameReader();
        Read(reader, "\n"u8, StompLimits.Default);
        var bytes = Allocated(() =>
        {
            for (var i = 0; i < 100_000; i++)
                Read(reader, "\r\n\0\n"u8, StompLimits.Default);
        });
        Assert.Equal(0, bytes);
    }

    [Fact]
    public void Reader_Idle_KeepsLittle()
    {
        // Each has read a frame of 100 KB in pieces, with a header of 10 KB.
        const int Readers = 200;
        var frame = Encoding.UTF8.GetBytes($"SEND\nx:{new string('y', 10_000)}\n\n{new string('z', 90_000)}\0");
        var readers = new StompFrameReader[Readers];
        for (var i = 0; i < Readers; i++)
        {
            readers[i] = new StompFrameReader();
            foreach (var piece in frame.Chunk(4096))
                Read(readers[i], piece, StompLimits.Default);
        }
        var with = GC.GetTotalMemory(forceFullCollection: true);
        GC.KeepAlive(readers);
        readers = null;
        var without = GC.GetTotalMemory(forceFullCollection: true);
        Assert.True((with - without) / Readers < 2_000, $"{with - without} bytes for {Readers} readers");
    }

    private static StompFrameReader Feed(string head, int pieces, StompLimits? limits = null)
    {
        var reader = new StompFrameReader();
        Read(reader, Encoding.UTF8.GetBytes(head), limits ?? StompLimits.Default);
        for (var i = 0; i < pieces && reader.Fault == StompFault.None; i++)
            Read(reader, Piece, limits ?? StompLimits.Default);
        return reader;
    }

    private static void Read(StompFrameReader reader, ReadOnlySpan<byte> input, StompLimits limits)
    {
        while (!input.IsEmpty && reader.Fault == StompFault.None)
            reader.Read(ref input, StompVersion.V12, limits, out _);
    }

    private static long Allocated(Action action)
    {
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
