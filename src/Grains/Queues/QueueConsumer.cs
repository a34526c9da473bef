using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Grains.Queues;

/// <summary>
/// One subscription's consumer of a queue, on a channel of its own: so the broker itself shares a queue among subscriptions, counts the prefetch, and takes
/// back what was not settled when the channel closes. It begins once and ends once.
/// </summary>
internal sealed class QueueConsumer : AsyncDefaultBasicConsumer, ILinkedConsumer
{
    private static readonly TimeSpan CloseTimeout = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan ConnectionCheckPeriod = TimeSpan.FromMilliseconds(250);

    private readonly Lock _gate = new();
    private readonly string _queue;
    private readonly QueueSubscription _subscription;
    private readonly IEdgeLink _link;
    private readonly QueueConnection _connection;
    private readonly IConnection _open;
    private readonly QueueOwnership? _ownership;
    private readonly QueueMetrics _metrics;
    private readonly ILogger _logger;
    private readonly QueueWindow _window;
    private readonly QueueSettlements _settlements;
    private readonly TaskCompletionSource _closed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isServing;
    private bool _hasEnded;

    private QueueConsumer(
        IChannel channel,
        string queue,
        QueueSubscription subscription,
        IEdgeLink link,
        QueueConnection connection,
        IConnection open,
        QueueOwnership? ownership,
        QueueMetrics metrics,
        ILogger logger
    )
        : base(channel)
    {
        (_queue, _subscription, _link, _connection, _open, _ownership, _metrics, _logger) = (
            queue,
            subscription,
            link,
            connection,
            open,
            ownership,
            metrics,
            logger
        );
        ownership?.Take();
        _window = new QueueWindow(subscription.MaxBytes);
        _settlements = new QueueSettlements(channel, metrics);
    }

    public long Subscription => _subscription.Id;

    public long Registration => _subscription.Registration;

    /// <summary>Completes when its channel is closed, for whatever reason, and the broker has what it had not settled.</summary>
    public Task Closed => _closed.Task;

    /// <summary>Opens a channel. The connection's count of channels is given back at its end.</summary>
    public static async Task<QueueConsumer> OpenAsync(
        QueueConnection connection,
        QueueOwnership? ownership,
        string queue,
        QueueSubscription subscription,
        IEdgeLink link,
        QueueMetrics metrics,
        ILogger logger,
        CancellationToken cancellationToken
    )
    {
        try
        {
            var open = await connection.Broker.GetAsync(cancellationToken);
            // One dispatcher a channel keeps the order.
            var channel = await open.CreateChannelAsync(
                new CreateChannelOptions(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: 1),
                cancellationToken
            );
            var consumer = new QueueConsumer(channel, queue, subscription, link, connection, open, ownership, metrics, logger);
            channel.ChannelShutdownAsync += consumer.OnShutdownAsync;
            metrics.ConsumerStarted();
            return consumer;
        }
        catch
        {
            connection.Return();
            throw;
        }
    }

    /// <summary>Makes the queue, as far as it is the subscription's to make, and begins to consume. When it fails the consumer is to be ended.</summary>
    /// <exception cref="OperationInterruptedException">The broker refuses.</exception>
    public async Task BeginAsync(int prefetch, CancellationToken cancellationToken)
    {
        try
        {
            await AskAsync(prefetch, cancellationToken);
        }
        catch (ObjectDisposedException) when (Channel.CloseReason is not null)
        {
            // The broker has refused by closing the channel, and it was put away before its answer came here.
            throw new OperationInterruptedException(Channel.CloseReason);
        }
        lock (_gate)
        {
            if (_hasEnded)
                throw new TimeoutException("It was ended before it had begun");
            _isServing = true;
        }
    }

    public override Task HandleBasicDeliverAsync(
        string consumerTag,
        ulong deliveryTag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken = default
    )
    {
        _metrics.MessageDelivered();
        // The body's memory is the client's again when this returns.
        var delivery = DeliveryFactory.Create(_queue, Registration, deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray());
        var notification = new Notification
        {
            Exchange = exchange,
            RoutingKey = routingKey,
            Headers = MessageHeaders.Of(delivery),
            Body = delivery.Body,
        };
        lock (_gate)
        {
            _window.Add(
                new QueuePush(Subscription, _subscription.User, QueuePushKind.Message, new Place(Registration, (long)deliveryTag), redelivered, notification)
            );
            PushWaiting();
        }
        return Task.CompletedTask;
    }

    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        Interrupt(QueuePushKind.Cancelled, "the queue was deleted, or its node is gone");
        return Task.CompletedTask;
    }

    public void Settle(in Settlement settlement)
    {
        lock (_gate)
        {
            if (_hasEnded || settlement.Place.Epoch != Registration || !_window.TryRemove(settlement.Place.Number))
                return;
            _settlements.Add((ulong)settlement.Place.Number, settlement.Outcome);
            PushWaiting();
        }
    }

    public void End() => TryEnd(interruption: null);

    /// <summary>Ends it; the edge is to subscribe again.</summary>
    public void Interrupt(QueuePushKind kind, string reason)
    {
        if (!TryEnd(kind))
            return;
        _metrics.Interrupted(kind);
        _logger.ConsumerInterrupted(_queue, Subscription, _subscription.Edge, reason);
    }

    private async Task AskAsync(int prefetch, CancellationToken cancellationToken)
    {
        // Before the queue is made: nothing is left of a subscription to an exchange that is not there.
        if (_subscription.Binding is { } source)
            await Channel.ExchangeDeclarePassiveAsync(source.Exchange, cancellationToken);
        if (_subscription.Declaration is { } declaration)
            await DeclareAsync(declaration, cancellationToken);
        if (_subscription.Binding is { } binding)
            await Channel.QueueBindAsync(_queue, binding.Exchange, binding.Key, arguments: null, noWait: false, cancellationToken);
        Push(QueuePushKind.Begun);
        if (_subscription.Consumes)
        {
            await Channel.BasicQosAsync(prefetchSize: 0, (ushort)prefetch, global: false, cancellationToken);
            await Channel.BasicConsumeAsync(
                _queue,
                autoAck: false,
                consumerTag: "",
                noLocal: false,
                exclusive: false,
                QueueDeclarer.TableOf(_subscription.Arguments),
                this,
                cancellationToken
            );
        }
    }

    private async Task DeclareAsync(QueueDeclaration declaration, CancellationToken cancellationToken)
    {
        if (declaration.Exclusive)
            _ownership?.Ask();
        await QueueDeclarer.DeclareAsync(Channel, _queue, declaration, cancellationToken);
        if (declaration.Exclusive)
            _ownership?.Grant();
    }

    private bool TryEnd(QueuePushKind? interruption)
    {
        lock (_gate)
        {
            if (_hasEnded)
                return false;
            _hasEnded = true;
            // Before that the answer to the edge's call says what is wrong.
            if (interruption is { } kind && _isServing)
                Push(kind);
        }
        _link.Untrack(this);
        _ = CloseAsync();
        return true;
    }

    private void Push(QueuePushKind kind) =>
        _link.Push(
            _subscription.Lane,
            new QueuePush(Subscription, _subscription.User, kind, new Place(Registration, 0), Redelivered: false, Notification: null)
        );

    private void PushWaiting()
    {
        while (!_hasEnded && _window.TryTake(out var push))
            _link.Push(_subscription.Lane, push);
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        Interrupt(QueuePushKind.Interrupted, BrokerFault.Describe(reason));
        return Task.CompletedTask;
    }

    private async Task CloseAsync()
    {
        // Off the caller's thread, which may be the one that the channel's answers come by.
        await Task.Yield();
        // As long as the connection lives it is waited for: what is not settled would come back behind a successor. A lost one has given back everything, and
        // the client may wait for what never comes when the socket broke under it.
        var putAway = PutAwayAsync();
        while (!putAway.IsCompleted && _open.IsOpen)
            await Task.WhenAny(putAway, Task.Delay(ConnectionCheckPeriod));
        await putAway.WaitAsync(CloseTimeout).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _connection.Return();
        _metrics.ConsumerEnded();
        _closed.SetResult();
    }

    private async Task PutAwayAsync()
    {
        try
        {
            await _settlements.WhenToldAsync();
            using var patience = new CancellationTokenSource(CloseTimeout);
            if (_ownership?.Release() == true && _ownership.IsAskedFor && Channel.IsOpen)
                await Channel.QueueDeleteAsync(_queue, ifUnused: false, ifEmpty: false, noWait: false, patience.Token);
            if (Channel.IsOpen)
                await Channel.CloseAsync(Constants.ReplySuccess, "Goodbye", abort: false, patience.Token);
        }
        catch (Exception exception)
        {
            _logger.ClosingFailed(exception, _queue);
        }
        finally
        {
            await Channel.DisposeAsync();
        }
    }
}
