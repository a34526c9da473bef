using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Hosting.Broker;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>The edge's own connection to the broker, opened anew whenever it is lost.</summary>
internal sealed partial class BrokerConnection(BrokerAddress address, EdgeIdentity edge, TimeProvider time, ILogger<BrokerConnection> logger)
    : BackgroundService
{
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(250);

    /// <summary>A broker that comes back is found within two seconds.</summary>
    private static readonly TimeSpan MaxRetry = TimeSpan.FromSeconds(2);

    /// <summary>Half-open connections are found within two of these.</summary>
    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(10);

    private TaskCompletionSource<IConnection> _connection = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why there is no connection; null when there is one.</summary>
    public string? Fault { get; private set; } = "not connected yet";

    /// <summary>Waits for the connection and opens a channel with confirms on it.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.OperationInterruptedException">The connection was lost meanwhile, or similar.</exception>
    public async Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        var connection = await Volatile.Read(ref _connection).Task.WaitAsync(cancellationToken);
        // Confirms are counted by us: the client's own tracking would add a header that subscribers see.
        return await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var factory = address.CreateFactory();
        factory.ClientProvidedName = $"notifyorleans {edge.Name}";
        factory.AutomaticRecoveryEnabled = false;
        factory.RequestedHeartbeat = HeartBeat;
        try
        {
            while (true)
                await HoldAsync(await ConnectAsync(factory, stoppingToken), stoppingToken);
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The edge ends.
        }
    }

    /// <summary>Offers the connection until it is lost.</summary>
    private async Task HoldAsync(IConnection opened, CancellationToken cancellationToken)
    {
        await using var connection = opened;
        var lost = new TaskCompletionSource<string>(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, reason) =>
        {
            lost.TrySetResult(reason.ReplyText);
            return Task.CompletedTask;
        };
        connection.ConnectionBlockedAsync += OnBlockedAsync;
        connection.ConnectionUnblockedAsync += OnUnblockedAsync;
        if (connection.CloseReason is { } early)
            lost.TrySetResult(early.ReplyText);
        Fault = null;
        LogConnected();
        _connection.TrySetResult(connection);
        try
        {
            var reason = await lost.Task.WaitAsync(cancellationToken);
            Fault = $"the connection was lost: {reason}";
            LogLost(reason);
        }
        finally
        {
            // Before it is let go: nobody gets one that is closed.
            Volatile.Write(ref _connection, new TaskCompletionSource<IConnection>(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    private async Task<IConnection> ConnectAsync(ConnectionFactory factory, CancellationToken cancellationToken)
    {
        var retry = FirstRetry;
        var told = false;
        while (true)
        {
            try
            {
                return await factory.CreateConnectionAsync(cancellationToken);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var reason = (exception.InnerException ?? exception).Message;
                Fault = $"no connection: {reason}";
                if (!told)
                    LogUnreachable(reason);
                told = true;
                await Task.Delay(retry, time, cancellationToken);
                retry = TimeSpan.FromTicks(Math.Min(2 * retry.Ticks, MaxRetry.Ticks));
            }
        }
    }

    private Task OnBlockedAsync(object sender, ConnectionBlockedEventArgs blocked)
    {
        Fault = $"the broker takes no messages: {blocked.Reason}";
        LogBlocked(blocked.Reason);
        return Task.CompletedTask;
    }

    private Task OnUnblockedAsync(object sender, AsyncEventArgs unblocked)
    {
        Fault = null;
        LogUnblocked();
        return Task.CompletedTask;
    }
}
