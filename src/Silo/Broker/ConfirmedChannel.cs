using System.Collections.Concurrent;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Broker;

/// <summary>
/// Publishes with confirms, on one channel that is opened when it is needed. The confirms are counted here, since the client would add a header of its own for
/// it.
/// </summary>
internal sealed class ConfirmedChannel(BrokerConnection connection) : IAsyncDisposable
{
    /// <summary>Until the broker has confirmed; above what it takes to open a connection and to write to a busy disk.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _publishing = new(1, 1);
    private readonly ConcurrentDictionary<ulong, TaskCompletionSource> _unconfirmed = new();
    private IChannel? _channel;
    private uint _maxFrameBytes;

    /// <summary>Completes when the broker has taken the message; with <paramref name="mandatory"/>, into a queue.</summary>
    /// <exception cref="ArgumentException">AMQP cannot carry it.</exception>
    /// <exception cref="Exception">It has not, or that is not known.</exception>
    public async Task PublishAsync(
        string exchange,
        string key,
        BasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken,
        bool mandatory = false
    )
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            var confirmed = await SendAsync(exchange, key, mandatory, properties, body, timeout.Token);
            // What was sent before the broker told that it takes nothing waits in the connection: sent again, it would be there twice.
            timeout.CancelAfter(System.Threading.Timeout.InfiniteTimeSpan);
            await WhenConfirmedAsync(confirmed, cancellationToken);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw NotConfirmed();
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
    }

    private async Task WhenConfirmedAsync(Task confirmed, CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await confirmed.WaitAsync(Timeout, cancellationToken);
                return;
            }
            catch (TimeoutException) when (connection.Blocked is null)
            {
                throw NotConfirmed();
            }
            catch (TimeoutException)
            {
                // It goes on when the broker does, or the channel ends.
            }
        }
    }

    private TimeoutException NotConfirmed() =>
        new($"The broker has not confirmed within {Timeout.TotalSeconds} s: {connection.Fault ?? connection.Blocked ?? "no answer"}");

    private async Task<Task> SendAsync(
        string exchange,
        string key,
        bool mandatory,
        BasicProperties properties,
        ReadOnlyMemory<byte> body,
        CancellationToken cancellationToken
    )
    {
        await _publishing.WaitAsync(cancellationToken);
        try
        {
            if (_channel is not { IsOpen: true })
                _channel = await OpenAsync(cancellationToken);
            if (_maxFrameBytes > 0 && AmqpFrames.HeaderFrameBytes(properties) > _maxFrameBytes)
                throw new ArgumentException($"Headers and properties take more than the {_maxFrameBytes} bytes of a frame", nameof(properties));
            var confirmed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _unconfirmed[await _channel.GetNextPublishSequenceNumberAsync(cancellationToken)] = confirmed;
            await _channel.BasicPublishAsync(exchange, key, mandatory, properties, body, cancellationToken);
            return confirmed.Task;
        }
        finally
        {
            _publishing.Release();
        }
    }

    private async Task<IChannel> OpenAsync(CancellationToken cancellationToken)
    {
        FailAll("the channel was closed");
        if (_channel is not null)
            await _channel.DisposeAsync();
        var open = await connection.GetAsync(cancellationToken);
        _maxFrameBytes = open.FrameMax;
        var channel = await open.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false),
            cancellationToken
        );
        channel.BasicAcksAsync += (_, args) => Confirm(args.DeliveryTag, args.Multiple, waiting => waiting.TrySetResult());
        channel.BasicNacksAsync += (_, args) =>
            Confirm(args.DeliveryTag, args.Multiple, waiting => waiting.TrySetException(new IOException("The broker has refused the message")));
        // A returned message is confirmed too, but later: whoever waits has failed by then.
        channel.BasicReturnAsync += (_, returned) =>
        {
            FailAll($"no queue takes messages of exchange '{returned.Exchange}' with key '{returned.RoutingKey}'");
            return Task.CompletedTask;
        };
        channel.ChannelShutdownAsync += (_, reason) =>
        {
            FailAll(BrokerFault.Describe(reason));
            return Task.CompletedTask;
        };
        return channel;
    }

    private Task Confirm(ulong tag, bool multiple, Action<TaskCompletionSource> complete)
    {
        foreach (var number in multiple ? _unconfirmed.Keys.Where(number => number <= tag) : [tag])
        {
            if (_unconfirmed.TryRemove(number, out var waiting))
                complete(waiting);
        }
        return Task.CompletedTask;
    }

    private void FailAll(string reason)
    {
        foreach (var number in _unconfirmed.Keys)
        {
            if (_unconfirmed.TryRemove(number, out var waiting))
                waiting.TrySetException(new IOException($"The broker has not confirmed: {reason}"));
        }
    }
}
