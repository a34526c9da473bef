using System.Buffers;
using System.Diagnostics;
using System.Text;
using NotifyOrleans.Stomp.Reading;

namespace NotifyOrleans.Stomp.Tests.Reading;

public sealed class StompFrameReaderTests
{
    private readonly StompFrameReader _reader = new();

    [Fact]
    public void Read_NothingAtAll_NeedsMore() => Assert.Equal(StompReadStatus.NeedMore, Read("", out _));

    [Fact]
    public void Read_SeveralFrames_LeavesTheRestToTheNextCall()
    {
        var input = Sequence("SEND\n\na\0\nSEND\n\nb\0");
        Assert.Equal(StompReadStatus.Frame, _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out var first));
        Assert.Equal("a"u8, first!.Body.Span);
        Assert.Equal("\nSEND\n\nb\0"u8, input.ToArray());
        Assert.Equal(StompReadStatus.Frame, _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out var second));
        Assert.Equal("b"u8, second!.Body.Span);
        Assert.True(input.IsEmpty);
    }

    [Fact]
    public void Read_SequenceOfSegments_OneFrameOutOfMany()
    {
        var input = Segments.Of("", "SE", "ND\nx:", "", "y\n", "\nbo", "dy\0", "\n", "");
        Assert.Equal(StompReadStatus.Frame, _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out var frame));
        Assert.Equal("y", frame!["x"]);
        Assert.Equal("body"u8, frame.Body.Span);
        Assert.Equal(StompReadStatus.HeartBeat, _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out _));
    }

    [Fact]
    public void Read_InputReusedByTheCaller_FrameIsUnchanged()
    {
        var buffer = "SEND\nx:y\n\nbody\0"u8.ToArray();
        ReadOnlySpan<byte> input = buffer;
        Assert.Equal(StompReadStatus.Frame, _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out var frame));
        buffer.AsSpan().Fill(0xEE);
        Assert.Equal("y", frame!["x"]);
        Assert.Equal("body"u8, frame.Body.Span);
    }

    [Fact]
    public void Read_AfterAFault_StaysBrokenAndConsumesNothing()
    {
        Assert.Equal(StompReadStatus.Fault, Read("SEND\nx\n\n\0", out _));
        Assert.Equal(StompFault.HeaderWithoutColon, _reader.Fault);
        var input = Sequence("SEND\n\n\0");
        Assert.Equal(StompReadStatus.Fault, _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out var frame));
        Assert.Null(frame);
        Assert.Equal(7, input.Length);
        Assert.Equal(StompReadStatus.Fault, Read("", out _));
        Assert.Equal(StompFault.HeaderWithoutColon, _reader.Fault);
    }

    [Fact]
    public void Read_LimitsAndVersionChangeWithinOnePiece_CountForTheNextFrame()
    {
        // What a session does at login: CONNECT under the limits before login, all after it under the real ones and in the negotiated version.
        var input = Sequence("CONNECT\naccept-version:1.0\n\n\0SEND\nx: y\n\n" + new string('b', 100_000) + "\0");
        Assert.Equal(StompReadStatus.Frame, _reader.Read(ref input, StompVersion.V12, StompLimits.BeforeLogin, out _));
        Assert.Equal(StompReadStatus.Frame, _reader.Read(ref input, StompVersion.V10, StompLimits.Default, out var send));
        Assert.Equal("y", send!["x"]);
        Assert.Equal(100_000, send.Body.Length);
    }

    [Fact]
    public void Read_LimitsShrinkWithinALine_Faults()
    {
        Assert.Equal(StompReadStatus.NeedMore, Read("SEND\nx:" + new string('y', 1000), out _));
        var input = Sequence("z");
        Assert.Equal(StompReadStatus.Fault, _reader.Read(ref input, StompVersion.V12, StompLimits.Default with { MaxHeaderLineBytes = 10 }, out _));
        Assert.Equal(StompFault.HeaderLineTooLong, _reader.Fault);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(501)]
    public void Read_LimitsShrinkWithinABody_Faults(int octetsMore)
    {
        Assert.Equal(StompReadStatus.NeedMore, Read("SEND\ncontent-length:1000\n\n" + new string('y', 500), out _));
        var input = Sequence(new string('\0', octetsMore));
        Assert.Equal(StompReadStatus.Fault, _reader.Read(ref input, StompVersion.V12, StompLimits.Default with { MaxFrameBytes = 10 }, out _));
        Assert.Equal(StompFault.FrameTooLarge, _reader.Fault);
    }

    [Fact]
    public void Read_BeforeLogin_64KiB()
    {
        var input = Sequence("CONNECT\n\n" + new string('x', 64 * 1024));
        Assert.Equal(StompReadStatus.Fault, _reader.Read(ref input, StompVersion.V12, StompLimits.BeforeLogin, out _));
        Assert.Equal(StompFault.FrameTooLarge, _reader.Fault);
    }

    [Fact]
    public void Frame_HeaderThatIsNotThere_Null()
    {
        Read("SEND\na:1\n\n\0", out var frame);
        Assert.Equal("1", frame!["a"]);
        Assert.Null(frame["b"]);
        Assert.Null(frame["A"]);
    }

    [Fact]
    public void Read_KnownNames_AllocatesNoStringForThem()
    {
        Read("SUBSCRIBE\nid:1\nprefetch-count:10\n\n\0", out var frame);
        Assert.Same(StompCommands.Subscribe, frame!.Command);
        Assert.Same(StompHeaderNames.Id, frame.Headers[0].Name);
        Assert.Same(StompHeaderNames.PrefetchCount, frame.Headers[1].Name);
    }

    [Theory]
    [InlineData("SEND\n\n", "x")]
    [InlineData("SEND\ncontent-length:1000000\n\n", "x")]
    public void Read_LargeBodyInOctets_LooksAtEachOnce(string head, string octet)
    {
        // One look each is 0.1 s; a new scan or copy for each would be more than 10 s.
        var watch = Stopwatch.StartNew();
        Read(head, out _);
        var input = Encoding.UTF8.GetBytes(octet);
        for (var i = 0; i < 1_000_000; i++)
        {
            ReadOnlySpan<byte> piece = input;
            if (_reader.Read(ref piece, StompVersion.V12, StompLimits.Default, out _) != StompReadStatus.NeedMore)
                Assert.Fail($"Octet {i}: {_reader.Fault}");
        }
        Assert.Equal(StompReadStatus.Frame, Read("\0", out var frame));
        Assert.Equal(1_000_000, frame!.Body.Length);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(10), $"It took {watch.Elapsed}");
    }

    [Fact]
    public void FaultText_EachFault_HasOne()
    {
        foreach (var fault in Enum.GetValues<StompFault>().Where(fault => fault != StompFault.None))
        {
            var (message, body) = StompFaultText.Of(fault, StompLimits.Default);
            Assert.NotEmpty(message);
            Assert.EndsWith("\n", body, StringComparison.Ordinal);
        }
        Assert.Contains("16384 bytes", StompFaultText.Of(StompFault.HeaderLineTooLong, StompLimits.Default).Body, StringComparison.Ordinal);
    }

    private StompReadStatus Read(string text, out StompFrame? frame)
    {
        ReadOnlySpan<byte> input = Encoding.UTF8.GetBytes(text);
        return _reader.Read(ref input, StompVersion.V12, StompLimits.Default, out frame);
    }

    private static ReadOnlySequence<byte> Sequence(string text) => new(Encoding.UTF8.GetBytes(text));
}
