using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace NotifyOrleans.Testing.Network;

/// <summary>
/// A TCP proxy on a free port of this machine that misbehaves as networks do, when it is told to: it delays, it cuts connections, or it swallows what is sent
/// and says nothing.
/// </summary>
public sealed class FaultProxy : IAsyncDisposable
{
    private const int Backlog = 4096;

    private readonly ConcurrentDictionary<ProxiedConnection, Task> _connections = new();
    private readonly Socket _listener = new(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
    private readonly IPEndPoint _target;
    private readonly Task _accepting;
    private volatile Weather _weather = Weather.Fair;
    private long _delayTicks;

    /// <param name="targetPort">Where it leads to, on this machine. Nothing has to listen there yet.</param>
    public FaultProxy(int targetPort)
    {
        _target = new IPEndPoint(IPAddress.Loopback, targetPort);
        Port = FreePort.Next();
        _listener.Bind(new IPEndPoint(IPAddress.Loopback, Port));
        _listener.Listen(Backlog);
        _accepting = AcceptAsync();
    }

    private enum Weather
    {
        Fair,
        Cut,
        Swallowing,
    }

    public int Port { get; }

    /// <summary>The connections that pass it now.</summary>
    public IReadOnlyCollection<ProxiedConnection> Connections => [.. _connections.Keys];

    /// <summary>How long each piece of data waits, each way.</summary>
    public TimeSpan Delay
    {
        get => new(Interlocked.Read(ref _delayTicks));
        set => Interlocked.Exchange(ref _delayTicks, value.Ticks);
    }

    /// <summary>Resets all connections, and each new one, until <see cref="Heal"/>.</summary>
    public void Cut()
    {
        _weather = Weather.Cut;
        foreach (var connection in Connections)
            connection.Cut();
    }

    /// <summary>
    /// Half-open: from now on all connections, and each new one until <see cref="Heal"/>, take what is sent and hand on nothing. Neither side is told when the
    /// other leaves.
    /// </summary>
    public void Swallow()
    {
        _weather = Weather.Swallowing;
        foreach (var connection in Connections)
            connection.Swallow();
    }

    /// <summary>New connections are as they should be, and nothing is delayed. What was swallowed stays so: its bytes are gone.</summary>
    public void Heal()
    {
        Delay = TimeSpan.Zero;
        _weather = Weather.Fair;
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        foreach (var connection in Connections)
            connection.Cut();
        await Task.WhenAll(_connections.Values);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            Socket client;
            try
            {
                client = await _listener.AcceptAsync();
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                return;
            }
            var connection = new ProxiedConnection(this, client);
            // Known before it runs, so that nothing that is told to all passes it by.
            var started = new TaskCompletionSource();
            _connections[connection] = RunAsync(connection, started.Task);
            var weather = _weather;
            if (weather == Weather.Cut)
                connection.Cut();
            else if (weather == Weather.Swallowing)
                connection.Swallow();
            started.SetResult();
        }
    }

    private async Task RunAsync(ProxiedConnection connection, Task started)
    {
        await started;
        await connection.RunAsync(_target);
        _connections.TryRemove(connection, out _);
    }
}
