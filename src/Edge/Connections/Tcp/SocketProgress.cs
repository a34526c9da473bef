using System.Buffers.Binary;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using NotifyOrleans.Edge.Connections.Writing;

namespace NotifyOrleans.Edge.Connections.Tcp;

/// <summary>
/// How much of what was written to a socket has arrived at the peer's kernel: what went into the socket (beneath TLS) is counted by <see cref="SocketWriter"/>,
/// what was acknowledged by the kernel.
/// </summary>
internal sealed class SocketProgress
{
    /// <summary><c>struct tcp_info</c> of linux/tcp.h: <c>tcpi_state</c> is its first byte.</summary>
    private const int AckedOffset = 120;

    private const int InfoLength = AckedOffset + sizeof(ulong);

    private const int TcpLevel = 6;

    private const int TcpInfo = 11;

    /// <summary><c>TCP_CLOSE</c>: the peer has reset the connection, or it has timed out.</summary>
    private const byte Closed = 7;

    private readonly Socket _socket;
    private readonly SocketWriter _output;

    private SocketProgress(Socket socket, SocketWriter output) => (_socket, _output) = (socket, output);

    /// <summary>Bytes that were written; those of a write count before it completes.</summary>
    public long Written => _output.Flushed;

    /// <summary>Does nothing where the kernel does not tell.</summary>
    public static void Install(ConnectionContext context)
    {
        if (
            !OperatingSystem.IsLinux()
            || context.Features.Get<IConnectionSocketFeature>()?.Socket is not { } socket
            || context.Features.Get<SocketWriter>() is not { } output
        )
            return;
        context.Features.Set(new SocketProgress(socket, output));
    }

    /// <summary>Asks the kernel.</summary>
    /// <param name="acked">Bytes that the peer's kernel has acknowledged.</param>
    /// <returns>False when nothing more will be acknowledged.</returns>
    public bool TryGetAcked(out long acked)
    {
        Span<byte> info = stackalloc byte[InfoLength];
        acked = 0;
        try
        {
            if (_socket.GetRawSocketOption(TcpLevel, TcpInfo, info) < InfoLength)
                return false;
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            return false;
        }
        acked = BinaryPrimitives.ReadInt64LittleEndian(info[AckedOffset..]);
        return info[0] != Closed || acked >= Written;
    }

    /// <summary>Ends the sending direction (FIN); the peer may go on.</summary>
    public void EndSending()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It is gone already.
        }
    }

    /// <summary>Has the kernel find a peer that vanished without a word.</summary>
    /// <param name="silence">How long nothing may come before it is asked.</param>
    /// <param name="patience">How long it may leave that unanswered.</param>
    public void KeepAlive(TimeSpan silence, TimeSpan patience)
    {
        const int Tries = 3;
        _socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, Seconds(silence));
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, Seconds(patience / Tries));
        _socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, Tries);
    }

    private static int Seconds(TimeSpan time) => Math.Max(1, (int)time.TotalSeconds);
}
