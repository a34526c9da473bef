using System.Net;
using System.Net.Sockets;

namespace NotifyOrleans.Testing.Network;

/// <summary>One connection through a <see cref="FaultProxy"/>.</summary>
public sealed class ProxiedConnection
{
    private const int BufferBytes = 16 * 1024;

    private readonly FaultProxy _proxy;
    private readonly Socket _client;
    private readonly Socket _server = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    private volatile bool _swallows;

    internal ProxiedConnection(FaultProxy proxy, Socket client)
    {
        _proxy = proxy;
        _client = client;
        _client.NoDelay = true;
    }

    /// <summary>Resets it, to both sides.</summary>
    public void Cut()
    {
        Reset(_client);
        Reset(_server);
    }

    /// <summary>Hands on nothing from now on, an end neither.</summary>
    public void Swallow() => _swallows = true;

    internal async Task RunAsync(IPEndPoint target)
    {
        try
        {
            if (!_swallows)
                await _server.ConnectAsync(target);
            await Task.WhenAll(PumpAsync(_client, _server), _server.Connected ? PumpAsync(_server, _client) : Task.CompletedTask);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            Cut();
        }
        finally
        {
            _client.Dispose();
            _server.Dispose();
        }
    }

    private async Task PumpAsync(Socket from, Socket to)
    {
        var buffer = new byte[BufferBytes];
        try
        {
            while (await from.ReceiveAsync(buffer.AsMemory()) is var count and > 0)
            {
                if (_proxy.Delay is var delay && delay > TimeSpan.Zero)
                    await Task.Delay(delay);
                for (var sent = 0; sent < count && !_swallows; )
                    sent += await to.SendAsync(buffer.AsMemory(sent, count - sent));
            }
            if (!_swallows)
                to.Shutdown(SocketShutdown.Send);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // One side is gone, or it was cut. Of a connection that is swallowed the other side is not told.
            if (!_swallows)
                Cut();
        }
    }

    private static void Reset(Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(true, 0);
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // It has ended already.
        }
        socket.Dispose();
    }
}
