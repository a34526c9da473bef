using System.Buffers;
using System.IO.Pipelines;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace NotifyOrleans.Edge.Connections.Writing;

/// <summary>
/// Sends what a connection writes by the thread that flushes it, as far as the network takes it at once; the server would hand it to another thread (decision
/// 0038). TLS and HTTP lie above it. Between two flushes it holds no buffer. A flush completes when the kernel has all; one that has begun is not cancelled,
/// since a part may be on its way: who does not read is cut off.
/// </summary>
/// <param name="socket">The socket; it does not block.</param>
/// <param name="inner">The server's own way to it. Nothing goes there but the end.</param>
internal sealed class SocketWriter(Socket socket, PipeWriter inner) : PipeWriter
{
    /// <summary>Bytes up to which frames wait for each other, to leave together.</summary>
    public const int MaxTogether = 16 * 1024;

    private PooledBuffer? _unflushed;
    private long _flushed;
    private bool _isLost;

    /// <summary>Bytes that were flushed since the connection began; those of a flush count before it completes.</summary>
    public long Flushed => Volatile.Read(ref _flushed);

    public override bool CanGetUnflushedBytes => true;

    public override long UnflushedBytes => _unflushed?.Length ?? 0;

    /// <summary>Takes over what the connection writes. To be called before anything is written; it does nothing where there is no socket.</summary>
    public static void Install(ConnectionContext connection)
    {
        if (connection.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket)
            return;
        socket.Blocking = false;
        var writer = new SocketWriter(socket, connection.Transport.Output);
        connection.Transport = new DuplexPipe(connection.Transport.Input, writer);
        connection.Features.Set(writer);
    }

    public override Memory<byte> GetMemory(int sizeHint = 0) => (_unflushed ??= new PooledBuffer()).GetMemory(sizeHint);

    public override Span<byte> GetSpan(int sizeHint = 0) => (_unflushed ??= new PooledBuffer()).GetSpan(sizeHint);

    public override void Advance(int bytes) => _unflushed!.Advance(bytes);

    public override ValueTask<FlushResult> WriteAsync(ReadOnlyMemory<byte> source, CancellationToken cancellationToken = default)
    {
        if (_unflushed is null)
            return SendAsync(source, cancellationToken);
        this.Write(source.Span);
        return FlushAsync(cancellationToken);
    }

    public override ValueTask<FlushResult> FlushAsync(CancellationToken cancellationToken = default) =>
        SendAsync(_unflushed?.Written ?? default, cancellationToken);

    /// <summary>Does nothing: see above.</summary>
    public override void CancelPendingFlush() { }

    /// <summary>Does not take the buffer back: something may be sending from it.</summary>
    public override void Complete(Exception? exception = null) => inner.Complete(exception);

    private ValueTask<FlushResult> SendAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<FlushResult>(cancellationToken);
        Volatile.Write(ref _flushed, _flushed + bytes.Length);
        var rest = bytes[SendAtOnce(bytes.Span)..];
        return rest.IsEmpty || _isLost ? ValueTask.FromResult(End()) : SendRestAsync(rest);
    }

    /// <returns>How much the network has taken.</returns>
    private int SendAtOnce(ReadOnlySpan<byte> bytes)
    {
        if (bytes.IsEmpty || _isLost)
            return 0;
        try
        {
            var sent = socket.Send(bytes, SocketFlags.None, out var error);
            _isLost = error is not (SocketError.Success or SocketError.WouldBlock or SocketError.Interrupted or SocketError.NoBufferSpaceAvailable);
            return sent;
        }
        catch (ObjectDisposedException)
        {
            _isLost = true;
            return 0;
        }
    }

    private async ValueTask<FlushResult> SendRestAsync(ReadOnlyMemory<byte> rest)
    {
        try
        {
            while (!rest.IsEmpty)
                rest = rest[await socket.SendAsync(rest, SocketFlags.None)..];
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            _isLost = true;
        }
        return End();
    }

    private FlushResult End()
    {
        Release();
        return new FlushResult(isCanceled: false, isCompleted: _isLost);
    }

    private void Release()
    {
        _unflushed?.Dispose();
        _unflushed = null;
    }
}
