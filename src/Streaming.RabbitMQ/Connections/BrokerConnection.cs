using Microsoft.Extensions.Logging;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace NotifyOrleans.Streaming.RabbitMQ.Connections;

/// <summary>
/// One connection to the broker that is opened when it is needed and opened again, by whoever asks next, when it is gone. Channels and consumers are not
/// recovered by it: they belong to those who opened them, who alone know what was settled. Losing it and getting it back is logged once each.
/// </summary>
public sealed partial class BrokerConnection : IAsyncDisposable
{
    // Soon enough for "first message within 5 s" after a broker's restart, seldom enough not to disturb one that is starting.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private readonly ConnectionFactory _factory;
    private readonly string _name;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _opening = new(1, 1);
    private readonly CancellationTokenSource _stopping = new();
    private IConnection? _connection;
    private volatile string? _fault = "not connected yet";
    private volatile string? _blocked;
    private bool _wasReported;

    /// <param name="factory">Where to connect to and as whom; its own recovery is turned off.</param>
    /// <param name="name">The connection's name in the broker's management.</param>
    /// <param name="time">Clock of the retries.</param>
    /// <param name="logger">Gets connection losses and recoveries.</param>
    public BrokerConnection(ConnectionFactory factory, string name, TimeProvider time, ILogger<BrokerConnection> logger)
    {
        factory.AutomaticRecoveryEnabled = false;
        factory.TopologyRecoveryEnabled = false;
        (_factory, _name, _time, _logger) = (factory, name, time, logger);
    }

    /// <summary>Why there is no connection; null when there is one.</summary>
    public string? Fault => _fault;

    /// <summary>Why the broker does not take what is published on it, as during a memory alarm; null when it does.</summary>
    public string? Blocked => _blocked;

    /// <summary>The open connection. Waits for one as long as it takes.</summary>
    public async Task<IConnection> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _connection) is { IsOpen: true } open)
            return open;
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        await _opening.WaitAsync(either.Token);
        try
        {
            if (_connection is { IsOpen: true } opened)
                return opened;
            await DiscardAsync();
            return await OpenAsync(either.Token);
        }
        finally
        {
            _opening.Release();
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _opening.WaitAsync();
        await DiscardAsync();
        _fault = "closed";
    }

    private async Task<IConnection> OpenAsync(CancellationToken cancellationToken)
    {
        for (var delay = FirstRetry; ; delay = delay * 2 < LastRetry ? delay * 2 : LastRetry)
        {
            try
            {
                var connection = await _factory.OpenConnectionAsync(_name, _time, cancellationToken);
                connection.ConnectionShutdownAsync += OnShutdownAsync;
                connection.ConnectionBlockedAsync += OnBlockedAsync;
                connection.ConnectionUnblockedAsync += OnUnblockedAsync;
                Volatile.Write(ref _connection, connection);
                _fault = null;
                _wasReported = false;
                LogConnected(_name, connection.Endpoint.HostName, connection.Endpoint.Port);
                return connection;
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                _fault = $"no connection to {_factory.HostName}:{_factory.Endpoint.Port}: {BrokerFault.Describe(exception)}";
                if (!_wasReported)
                    LogUnreachable(_name, _factory.HostName, _factory.Endpoint.Port, BrokerFault.Describe(exception));
                _wasReported = true;
            }
            await Task.Delay(delay, _time, cancellationToken);
        }
    }

    private async Task DiscardAsync()
    {
        if (_connection is not { } connection)
            return;
        Volatile.Write(ref _connection, null);
        connection.ConnectionShutdownAsync -= OnShutdownAsync;
        connection.ConnectionBlockedAsync -= OnBlockedAsync;
        connection.ConnectionUnblockedAsync -= OnUnblockedAsync;
        try
        {
            // The client may wait for what never comes when the socket broke under it: nobody waits for the client.
            await CloseAsync(connection).WaitAsync(CloseTimeout * 2, _time);
        }
        catch (Exception)
        {
            // It is gone either way.
        }
    }

    private static async Task CloseAsync(IConnection connection)
    {
        await connection.CloseAsync(Constants.ReplySuccess, "Goodbye", CloseTimeout, abort: true);
        await connection.DisposeAsync();
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        var why = BrokerFault.Describe(reason);
        _fault = $"connection lost: {why}";
        _blocked = null;
        LogLost(_name, why);
        return Task.CompletedTask;
    }

    private Task OnBlockedAsync(object sender, ConnectionBlockedEventArgs args)
    {
        _blocked = $"the broker takes no messages: {args.Reason}";
        LogBlocked(_name, args.Reason);
        return Task.CompletedTask;
    }

    private Task OnUnblockedAsync(object sender, AsyncEventArgs args)
    {
        _blocked = null;
        LogUnblocked(_name);
        return Task.CompletedTask;
    }
}
