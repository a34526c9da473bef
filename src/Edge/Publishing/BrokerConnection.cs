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

    /// <summary>
    /// From the connect to AMQP's <c>connection.open-ok</c>; the client itself waits for ever for a broker, or a network, that takes a connection and says
    /// nothing.
    /// </summary>
    private static readonly TimeSpan OpenTimeout = TimeSpan.FromSeconds(10);

    /// <summary>How long the client may take to put a lost connection away: it may wait for what never comes when the socket broke under it.</summary>
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    /// <summary>Half-open connections are found within two of these.</summary>
    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(10);

    private TaskCompletionSource<IConnection> _connection = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Why there is no connection; null when there is one.</summary>
    public string? Fault { get; private set; } = "not connected yet";

    /// <summary>Bytes of a frame, as agreed for the connection that is there, or was last; 0 before the first, and when there is no limit.</summary>
    public uint MaxFrameBytes { get; private set; }

    /// <summary>Waits for the connection and opens a channel with confirms on it.</summary>
    /// <exception cref="RabbitMQ.Client.Exceptions.OperationInterruptedException">The connection was lost meanwhile, or similar.</exception>
    public async Task<IChannel> OpenChannelAsync(CancellationToken cancellationToken)
    {
        var connection = await Volatile.Read(ref _connection).Task.WaitAsync(cancellationToken);
        // Confirms are counted by us: the client's own tracking would add a header that subscribers see.
        return await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false),
            cancellationToken
        );
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var factory = address.CreateFactory();
        factory.ClientProvidedName = $"notifyorleans {edge.Name}";
        factory.AutomaticRecoveryEnabled = false;
        factory.RequestedHeartbeat = HeartBeat;
        while (true)
            await HoldAsync(await ConnectAsync(factory, stoppingToken), stoppingToken);
    }

    /// <summary>Offers the connection until it is lost.</summary>
    private async Task HoldAsync(IConnection connection, CancellationToken cancellationToken)
    {
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
        MaxFrameBytes = connection.FrameMax;
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
            await connection
                .DisposeAsync()
                .AsTask()
                .WaitAsync(CloseTimeout, time, CancellationToken.None)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<IConnection> ConnectAsync(ConnectionFactory factory, CancellationToken cancellationToken)
    {
        var retry = FirstRetry;
        var told = false;
        while (true)
        {
            using var patience = new CancellationTokenSource(OpenTimeout, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(patience.Token, cancellationToken);
            try
            {
                return await factory.CreateConnectionAsync(either.Token);
            }
            catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
            {
                var reason = patience.IsCancellationRequested
                    ? $"the broker has not opened it within {OpenTimeout.TotalSeconds} s"
                    : (exception.InnerException ?? exception).Message;
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
