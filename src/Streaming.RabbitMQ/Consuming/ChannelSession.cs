using System.Threading.Channels;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Provider;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>
/// One channel that a queue is consumed on, and the window of its deliveries that are not settled. It begins with the consume and ends once, for one reason;
/// closing the channel gives the broker back what is not settled, in order.
/// </summary>
internal sealed class ChannelSession : AsyncDefaultBasicConsumer, IAsyncDisposable
{
    // The broker may not read any more; what it is not told is delivered again.
    private static readonly TimeSpan LastAckTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ConnectionCheckPeriod = TimeSpan.FromMilliseconds(250);

    // More than any settlement takes while all is well: what nobody takes is stored after 1 s.
    private static readonly TimeSpan AcknowledgedByThemselvesAfter = TimeSpan.FromSeconds(2);

    /// <summary>How long the client may take to put away a channel whose connection is lost.</summary>
    private static readonly TimeSpan LostTimeout = TimeSpan.FromSeconds(2);

    private readonly IConnection _connection;
    private readonly string _streamQueue;
    private readonly StreamId _stream;
    private readonly AckWindow _window;
    private readonly DeliveryBuffer _buffer;
    private readonly RabbitMqStreamOptions _options;
    private readonly RabbitMqStreamMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _progress = System.Threading.Channels.Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite }
    );
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _lastAck;
    private readonly TaskCompletionSource<SessionEnd> _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _released = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Lazy<Task> _closing;
    private Task _acknowledging = Task.CompletedTask;
    private Task? _settling;

    private ChannelSession(
        IConnection connection,
        IChannel channel,
        string streamQueue,
        long epoch,
        DeliveryBuffer buffer,
        RabbitMqStreamOptions options,
        RabbitMqStreamMetrics metrics,
        TimeProvider time
    )
        : base(channel)
    {
        (_connection, _streamQueue, _stream, Epoch, _buffer, _options, _metrics, _time) = (
            connection,
            streamQueue,
            RabbitMqStreams.StreamOf(streamQueue),
            epoch,
            buffer,
            options,
            metrics,
            time
        );
        _window = new AckWindow(options.Prefetch, time);
        _lastAck = new CancellationTokenSource(Timeout.InfiniteTimeSpan, time);
        _closing = new Lazy<Task>(CloseAsync);
    }

    public long Epoch { get; }

    /// <summary>Completes when nothing more comes by this channel.</summary>
    public Task<SessionEnd> Ended => _ended.Task;

    public int Unsettled => _window.Unsettled;

    /// <summary>How long the acknowledged prefix has been held up by one delivery.</summary>
    public TimeSpan HeadAge => _window.HeadAge;

    /// <summary>For how long the consumer has not said that it has that delivery.</summary>
    public TimeSpan LostFor => _window.LostFor;

    /// <summary>Opens a channel. Nothing comes by it before <see cref="ConsumeAsync"/>.</summary>
    /// <param name="connection">An open connection.</param>
    /// <param name="streamQueue">The queue that deliveries are shown under.</param>
    /// <param name="epoch">The channel's epoch.</param>
    /// <param name="buffer">Takes the deliveries.</param>
    /// <param name="options">Prefetch and acknowledgement interval.</param>
    /// <param name="metrics">Counts deliveries and acknowledgements.</param>
    /// <param name="time">Clock of the intervals.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async Task<ChannelSession> OpenAsync(
        IConnection connection,
        string streamQueue,
        long epoch,
        DeliveryBuffer buffer,
        RabbitMqStreamOptions options,
        RabbitMqStreamMetrics metrics,
        TimeProvider time,
        CancellationToken cancellationToken
    )
    {
        // One dispatcher a channel keeps the order.
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: false, publisherConfirmationTrackingEnabled: false, consumerDispatchConcurrency: 1),
            cancellationToken
        );
        var session = new ChannelSession(connection, channel, streamQueue, epoch, buffer, options, metrics, time);
        try
        {
            channel.ChannelShutdownAsync += session.OnShutdownAsync;
            await channel.BasicQosAsync(prefetchSize: 0, (ushort)options.Prefetch, global: false, cancellationToken);
            session._acknowledging = session.AcknowledgeAsync();
            return session;
        }
        catch
        {
            await session.DisposeAsync();
            throw;
        }
    }

    /// <summary>Registers the consumer at the broker. Its deliveries are held back until <see cref="Release"/>.</summary>
    public Task ConsumeAsync(string queue, CancellationToken cancellationToken) =>
        Channel.BasicConsumeAsync(
            queue,
            autoAck: false,
            $"{_options.ConnectionName}.{Epoch}",
            noLocal: false,
            exclusive: false,
            arguments: null,
            this,
            cancellationToken
        );

    /// <summary>Hands deliveries on from now. The session has to be known as the current one by then: deliveries of any other are skipped.</summary>
    public void Release() => _released.TrySetResult();

    public void Settle(ulong tag)
    {
        if (_window.Settle(tag))
            _progress.Writer.TryWrite(true);
    }

    public void Hold(ulong tag) => _window.Hold(tag);

    /// <summary>Ends the session for a reason of ours; the channel is closed by <see cref="DisposeAsync"/>.</summary>
    public void End(SessionEnd end)
    {
        // Once: a client may be late to tell that a channel has ended, and the buffer is its successor's by then.
        if (!_ended.TrySetResult(end))
            return;
        _released.TrySetResult();
        _buffer.Clear();
    }

    /// <summary>Deliveries that wait in the broker's queue.</summary>
    public Task<uint> CountWaitingAsync(string queue, CancellationToken cancellationToken) => Channel.MessageCountAsync(queue, cancellationToken);

    public override async Task HandleBasicDeliverAsync(
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
        await _released.Task;
        if (_ended.Task.IsCompleted)
            return;
        // The body's memory is the client's again when this returns.
        var delivery = DeliveryFactory.Create(_streamQueue, Epoch, deliveryTag, redelivered, exchange, routingKey, properties, body.ToArray());
        _window.Deliver(deliveryTag);
        _metrics.DeliveryReceived(_streamQueue);
        _buffer.Add(new DeliveryContainer(_stream, delivery));
    }

    public override Task HandleBasicCancelAsync(string consumerTag, CancellationToken cancellationToken = default)
    {
        End(new SessionEnd(SessionEndKind.ConsumerCancelled, "the broker cancelled the consumer: the queue was deleted or its node is gone"));
        return Task.CompletedTask;
    }

    /// <summary>Acknowledges what was settled by now and closes the channel.</summary>
    public async ValueTask DisposeAsync() => await _closing.Value;

    private async Task CloseAsync()
    {
        End(new SessionEnd(SessionEndKind.Redelivery, "closed"));
        await _stopping.CancelAsync();
        _lastAck.CancelAfter(LastAckTimeout);
        await _acknowledging;
        Channel.ChannelShutdownAsync -= OnShutdownAsync;
        if (Channel.IsOpen)
            await AcknowledgeSettledAsync(TimeSpan.Zero);
        // As long as the connection lives its successor must wait for this: else it would begin behind what is given back later. A lost connection has given
        // back everything, and the client may wait for what never comes when the socket broke under it.
        var closing = CloseChannelAsync();
        while (!closing.IsCompleted && _connection.IsOpen)
            await Task.WhenAny(closing, Task.Delay(ConnectionCheckPeriod, _time));
        await closing.WaitAsync(LostTimeout, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private async Task CloseChannelAsync()
    {
        if (Channel.IsOpen)
            await Channel.AbortAsync();
        await Channel.DisposeAsync();
    }

    private Task OnShutdownAsync(object sender, ShutdownEventArgs reason)
    {
        // 311 and 313, and 403 to 406, are a channel's; everything else ends the connection with all its channels (AMQP 0-9-1, 1.2).
        var isChannels =
            reason.Initiator == ShutdownInitiator.Peer
            && reason.ReplyCode is Constants.ContentTooLarge or Constants.NoConsumers or (>= Constants.AccessRefused and <= Constants.PreconditionFailed);
        End(new SessionEnd(isChannels ? SessionEndKind.ChannelClosed : SessionEndKind.ConnectionLost, BrokerFault.Describe(reason)));
        return Task.CompletedTask;
    }

    private async Task AcknowledgeAsync()
    {
        try
        {
            while (true)
            {
                await WhenSettledAsync();
                _stopping.Token.ThrowIfCancellationRequested();
                if (!await AcknowledgeSettledAsync(AcknowledgedByThemselvesAfter))
                    return;
                // What is settled meanwhile goes with the next acknowledgement.
                await Task.Delay(_options.AckInterval, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException)
        {
            // The session is closed.
        }
    }

    /// <summary>Waits for something to be settled, and not for long when something that is settled waits for what stands before it.</summary>
    private async Task WhenSettledAsync()
    {
        _settling ??= _progress.Reader.ReadAsync(_stopping.Token).AsTask();
        if (_window.HasSettledBehind)
            await _settling.WaitAsync(AcknowledgedByThemselvesAfter, _time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        else
            await _settling;
        if (_settling.IsCompleted)
            _settling = null;
    }

    /// <summary>False when the channel is gone: the broker delivers again what it was not told of.</summary>
    /// <param name="headAge">For how long a delivery must have been missing for those behind it to be acknowledged.</param>
    private async Task<bool> AcknowledgeSettledAsync(TimeSpan headAge)
    {
        var (upTo, byThemselves, count) = _window.Take(headAge);
        try
        {
            if (upTo > 0)
                await Channel.BasicAckAsync(upTo, multiple: true, _lastAck.Token);
            foreach (var tag in byThemselves)
                await Channel.BasicAckAsync(tag, multiple: false, _lastAck.Token);
        }
        catch (Exception exception)
        {
            End(new SessionEnd(SessionEndKind.ConnectionLost, BrokerFault.Describe(exception)));
            return false;
        }
        _metrics.DeliveriesAcknowledged(_streamQueue, (ulong)count);
        return true;
    }
}
