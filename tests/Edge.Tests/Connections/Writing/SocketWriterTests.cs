using System.Buffers;
using System.IO.Pipelines;
using System.Net;
using System.Net.Sockets;
using System.Text;
using NotifyOrleans.Edge.Connections.Writing;

namespace NotifyOrleans.Edge.Tests.Connections.Writing;

/// <summary>What a connection writes, down to the socket.</summary>
public sealed class SocketWriterTests : IAsyncLifetime
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(60);

    private readonly Pipe _server = new();
    private readonly Socket _own = new(SocketType.Stream, ProtocolType.Tcp) { SendBufferSize = 8192 };
    private Socket _peer = null!;
    private SocketWriter _writer = null!;

    public async Task InitializeAsync()
    {
        using var listener = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 8192 };
        listener.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        listener.Listen();
        await _own.ConnectAsync(listener.LocalEndPoint!);
        _peer = await listener.AcceptAsync();
        _own.Blocking = false;
        _writer = new SocketWriter(_own, _server.Writer);
    }

    public Task DisposeAsync()
    {
        _own.Dispose();
        _peer.Dispose();
        return Task.CompletedTask;
    }

    [Fact]
    public async Task WhatIsFlushed_IsSentBeforeTheFlushReturns()
    {
        _writer.Write("one "u8);
        _writer.Write("two"u8);
        Assert.Equal(7, _writer.UnflushedBytes);
        Assert.Equal(0, _peer.Available);
        var flush = _writer.FlushAsync();
        Assert.True(flush.IsCompletedSuccessfully);
        Assert.False((await flush).IsCompleted);
        Assert.Equal(0, _writer.UnflushedBytes);
        Assert.Equal("one two", Encoding.ASCII.GetString(await ReadAsync(7)));
    }

    [Fact]
    public async Task WhatIsWrittenAtOnce_ComesBehindWhatWasNotFlushed()
    {
        _writer.Write("first "u8);
        await _writer.WriteAsync("second"u8.ToArray());
        await _writer.WriteAsync(" third"u8.ToArray());
        Assert.Equal("first second third", Encoding.ASCII.GetString(await ReadAsync(18)));
    }

    [Fact]
    public async Task PeerThatDoesNotRead_HoldsTheFlushUp_AndGetsAllInOrder()
    {
        var bytes = new byte[4 * 1024 * 1024];
        Random.Shared.NextBytes(bytes);
        var half = bytes.Length / 2;
        _writer.Write(bytes.AsSpan(0, half));
        var sending = SendAsync();
        Assert.False(sending.IsCompleted);
        Assert.Equal(bytes, await ReadAsync(bytes.Length));
        await sending.WaitAsync(Timeout);

        async Task SendAsync()
        {
            Assert.False((await _writer.FlushAsync()).IsCompleted);
            Assert.False((await _writer.WriteAsync(bytes.AsMemory(half))).IsCompleted);
        }
    }

    [Fact]
    public async Task PeerThatIsLost_EndsTheWriting()
    {
        var sending = _writer.WriteAsync(new byte[4 * 1024 * 1024]).AsTask();
        _peer.LingerState = new LingerOption(true, 0);
        _peer.Close();
        Assert.True((await sending.WaitAsync(Timeout)).IsCompleted);
        Assert.True((await _writer.WriteAsync(new byte[1])).IsCompleted);
    }

    [Fact]
    public async Task SocketThatIsClosed_EndsTheWriting()
    {
        var sending = _writer.WriteAsync(new byte[4 * 1024 * 1024]).AsTask();
        _own.Dispose();
        Assert.True((await sending.WaitAsync(Timeout)).IsCompleted);
        _writer.Write("more"u8);
        Assert.True((await _writer.FlushAsync()).IsCompleted);
    }

    [Fact]
    public async Task FlushThatIsCancelledBeforehand_SendsNothing()
    {
        _writer.Write("later"u8);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _writer.FlushAsync(new CancellationToken(canceled: true)));
        Assert.Equal(0, _peer.Available);
        await _writer.FlushAsync();
        Assert.Equal("later", Encoding.ASCII.GetString(await ReadAsync(5)));
    }

    [Fact]
    public async Task End_IsTheServers()
    {
        await _writer.CompleteAsync();
        Assert.True((await _server.Reader.ReadAsync()).IsCompleted);
    }

    private async Task<byte[]> ReadAsync(int count)
    {
        var bytes = new byte[count];
        using var patience = new CancellationTokenSource(Timeout);
        for (var read = 0; read < count; )
            read += await _peer.ReceiveAsync(bytes.AsMemory(read), patience.Token) is var some and > 0 ? some : throw new EndOfStreamException();
        return bytes;
    }
}
