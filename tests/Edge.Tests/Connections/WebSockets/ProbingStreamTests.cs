using System.IO.Pipelines;
using System.Text;
using NotifyOrleans.Edge.Connections.WebSockets;
using NotifyOrleans.Edge.Connections.Writing;

namespace NotifyOrleans.Edge.Tests.Connections.WebSockets;

/// <summary>Frames that leave together, what others write between them, and the end of a connection.</summary>
public sealed class ProbingStreamTests
{
    private readonly Pipe _network = new();
    private readonly ProbingStream _stream;

    public ProbingStreamTests() => _stream = new ProbingStream(Stream.Null, _network.Writer);

    [Fact]
    public async Task FrameBehindWhichMoreCome_WaitsForTheLastOfThem()
    {
        await WriteAsync("one ", isMore: true);
        await WriteAsync("two ", isMore: true);
        Assert.Equal("", Sent());
        await WriteAsync("three", isMore: false);
        Assert.Equal("one two three", Sent());
    }

    [Fact]
    public async Task FrameThatWaits_LeavesWithTheFlush()
    {
        await WriteAsync("one", isMore: true);
        await _stream.FlushAsync();
        Assert.Equal("one", Sent());
        await _stream.FlushAsync();
        Assert.Equal("", Sent());
    }

    [Fact]
    public async Task FrameThatWaits_LeavesBeforeWhatTheFrameworkWrites()
    {
        await WriteAsync("one ", isMore: true);
        await _stream.WriteAsync("a pong"u8.ToArray());
        Assert.Equal("one a pong", Sent());
    }

    [Fact]
    public async Task Frames_DoNotWaitBeyondTheirBytes()
    {
        var frame = new string('x', SocketWriter.MaxTogether - 1);
        await WriteAsync(frame, isMore: true);
        Assert.Equal("", Sent());
        await WriteAsync("yz", isMore: true);
        Assert.Equal($"{frame}yz", Sent());
    }

    [Fact]
    public async Task End_BetweenTwoFrames_IsReadAsAClose()
    {
        var bytes = new byte[64];
        Assert.Equal([0x88, 0x80, 0, 0, 0, 0], bytes[..await _stream.ReadAsync(bytes)]);
        Assert.True(_stream.HasEnded);
    }

    [Fact]
    public async Task End_WithinAFrame_IsTheEnd()
    {
        await using var stream = new ProbingStream(new MemoryStream([0x81, 0x85]));
        var bytes = new byte[64];
        Assert.Equal(2, await stream.ReadAsync(bytes));
        Assert.Equal(0, await stream.ReadAsync(bytes));
        Assert.False(stream.HasEnded);
    }

    [Fact]
    public async Task NetworkThatTakesNothingMore_IsToldToUs_AndNotToTheFramework()
    {
        await _network.Reader.CompleteAsync();
        await _stream.WriteAsync("a pong"u8.ToArray());
        Assert.True(_stream.IsCut);
        await Assert.ThrowsAsync<IOException>(() => WriteAsync("one", isMore: false));
    }

    private async Task WriteAsync(string frame, bool isMore) => await _stream.WriteAsync(Encoding.ASCII.GetBytes(frame), isMore);

    private string Sent()
    {
        if (!_network.Reader.TryRead(out var read))
            return "";
        var text = Encoding.ASCII.GetString(read.Buffer);
        _network.Reader.AdvanceTo(read.Buffer.End);
        return text;
    }
}
