using System.Buffers;
using System.IO.Pipelines;
using System.Runtime.CompilerServices;
using NotifyOrleans.Edge.Connections.Writing;

namespace NotifyOrleans.Edge.Connections.WebSockets;

/// <summary>
/// The stream beneath the framework's WebSocket. It adds pings that carry a number between the frames that go out, and sees the pongs among those that
/// come in: the framework neither sends a ping on request nor shows pongs. The framework writes each frame with one call, and reads no pong but its own. So
/// whole frames of ours fit between its own. A connection that is lost, as most are behind a proxy, is told by <see cref="HasEnded"/> and <see cref="IsCut"/>
/// and not by exceptions: through all layers those cost more than all else that a session's end does.
/// </summary>
/// <param name="inner">The connection, after the upgrade.</param>
/// <param name="output">Where to write, past the server's HTTP, which has nothing more to say; null when it has, as in HTTP/2.</param>
internal sealed class ProbingStream(Stream inner, PipeWriter? output = null) : Stream
{
    /// <summary>Bytes of a probe's payload: its number.</summary>
    public const int ProbePayload = sizeof(long);

    /// <summary>Bytes of a frame up to which it is copied, to leave together with its probe; a larger one takes more than a packet anyway.</summary>
    private const int MaxJoined = 16 * 1024;

    /// <summary>Ours and those that the framework answers by itself (pongs, a close) may be written at the same time.</summary>
    private readonly SemaphoreSlim _writing = new(1);

    private PongReader _pongs;
    private long? _probe;

    /// <summary>Called, by who reads, when the client has answered the probe of this number, and so has got everything before it.</summary>
    public Action<long>? Answered { get; set; }

    public override bool CanRead => true;

    public override bool CanWrite => true;

    public override bool CanSeek => false;

    public override long Length => throw new NotSupportedException();

    public override long Position
    {
        get => throw new NotSupportedException();
        set => throw new NotSupportedException();
    }

    /// <summary>Whether the connection has ended without a close between two frames. The framework has read a close then, which nobody has sent.</summary>
    public bool HasEnded { get; private set; }

    /// <summary>Whether the network takes nothing more. What the framework writes goes nowhere then.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Has a probe sent right behind the next message of the framework's.</summary>
    public void ProbeBehindNext(long number) => _probe = number;

    /// <summary>Sends a probe.</summary>
    /// <exception cref="IOException">The connection is lost.</exception>
    public ValueTask ProbeAsync(long number)
    {
        var probe = new byte[WebSocketFrame.NumberedPing];
        WebSocketFrame.WritePing(probe, number);
        return WriteAsync(probe, isMore: false);
    }

    /// <summary>Writes whole frames.</summary>
    /// <param name="frames">The frames.</param>
    /// <param name="isMore">Whether they may wait for more, or for <see cref="FlushAsync"/>.</param>
    /// <exception cref="IOException">The connection is lost.</exception>
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> frames, bool isMore)
    {
        await _writing.WaitAsync();
        try
        {
            if (isMore && output is not null && output.UnflushedBytes + frames.Length <= SocketWriter.MaxTogether)
                output.Write(frames.Span);
            else
                await SendAsync(frames, CancellationToken.None);
            if (IsCut)
                throw new IOException("The connection has ended");
        }
        finally
        {
            _writing.Release();
        }
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await _writing.WaitAsync(cancellationToken);
        try
        {
            if (_probe is not { } number || !IsMessage(buffer.Span[0]))
            {
                await SendAsync(buffer, cancellationToken);
                return;
            }
            _probe = null;
            await WriteWithProbeAsync(buffer, number, cancellationToken);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Sends what waits for more; all else was sent when it was written.</summary>
    public override Task FlushAsync(CancellationToken cancellationToken) =>
        output is { UnflushedBytes: > 0 } ? WriteAsync(default, isMore: false).AsTask() : Task.CompletedTask;

    public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
        // With an empty buffer it is waited for something to come: an idle connection holds no more than that.
        buffer.IsEmpty
            ? inner.ReadAsync(buffer, cancellationToken)
            : ReadAndLookAsync(buffer, cancellationToken);

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush() => throw new NotSupportedException();

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override ValueTask DisposeAsync() => inner.DisposeAsync();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
            inner.Dispose();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (output is null)
            await inner.WriteAsync(bytes, cancellationToken);
        else if ((await output.WriteAsync(bytes, cancellationToken)).IsCompleted)
            IsCut = true;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private async ValueTask<int> ReadAndLookAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        var count = await inner.ReadAsync(buffer, cancellationToken);
        if (count == 0 && _pongs.IsBetweenFrames && buffer.Length >= WebSocketFrame.ClientClose)
        {
            HasEnded = true;
            WebSocketFrame.WriteClientClose(buffer.Span);
            return WebSocketFrame.ClientClose;
        }
        Look(buffer.Span[..count]);
        return count;
    }

    private void Look(ReadOnlySpan<byte> bytes)
    {
        while (_pongs.TryRead(ref bytes, out var number))
            Answered?.Invoke(number);
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder))]
    private async ValueTask WriteWithProbeAsync(ReadOnlyMemory<byte> frame, long number, CancellationToken cancellationToken)
    {
        var joined = frame.Length <= MaxJoined ? frame.Length : 0;
        if (joined == 0)
            await SendAsync(frame, cancellationToken);
        var bytes = ArrayPool<byte>.Shared.Rent(joined + WebSocketFrame.NumberedPing);
        try
        {
            frame.Span[..joined].CopyTo(bytes);
            WebSocketFrame.WritePing(bytes.AsSpan(joined), number);
            await SendAsync(bytes.AsMemory(0, joined + WebSocketFrame.NumberedPing), cancellationToken);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }

    /// <summary>Whether a frame holds a message, or a part of one: text, binary or continuation.</summary>
    private static bool IsMessage(byte first) => (first & 0xF) <= 2;
}
