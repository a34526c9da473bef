using System.Text;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Stomp.Tests.Reading;

/// <summary>What a client can make a reader allocate and keep. Runs alone: what is kept is measured for the whole process.</summary>
[Collection(nameof(Alone))]
public sealed class StompFrameReaderMemoryTests
{
    private static readonly byte[] Piece = [.. Enumerable.Repeat((byte)'x', 4096)];

    private static readonly byte[] LargeFrame = Encoding.UTF8.GetBytes($"SEND\nx:{new string('y', 10_000)}\n\n{new string('z', 20_000)}\0");

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
        const int Readers = 2_000;
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var readers = Enumerable.Range(0, Readers).Select(_ => IdleReader()).ToArray();
        var kept = (GC.GetTotalMemory(forceFullCollection: true) - before) / Readers;
        GC.KeepAlive(readers);
        // About 300 bytes; the buffers of its frame would be 10 and 32 KiB.
        Assert.True(kept < 2_000, $"{kept} bytes");
    }

    /// <summary>One that has read a frame of 30 KB in pieces, with a header of 10 KB.</summary>
    private static StompFrameReader IdleReader()
    {
        var reader = new StompFrameReader();
        foreach (var piece in LargeFrame.Chunk(4096))
            Read(reader, piece, StompLimits.Default);
        return reader;
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
        // What the first frame of a process costs does not count.
        Feed("SEND\na:\\c\n\n\0", 0);
        var before = GC.GetAllocatedBytesForCurrentThread();
        action();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }
}
