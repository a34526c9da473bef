using NotifyOrleans.Streaming.RabbitMQ.Connections;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>Asks what is at the broker, on a channel that is opened anew when an answer has closed it.</summary>
internal sealed class BrokerProbe(IConnection connection) : IAsyncDisposable
{
    private IChannel? _channel;

    public Task<bool> HasExchangeAsync(string exchange, CancellationToken cancellationToken) =>
        TryAsync(channel => channel.ExchangeDeclarePassiveAsync(exchange, cancellationToken), Constants.NotFound, cancellationToken);

    public Task<bool> HasQueueAsync(string queue, CancellationToken cancellationToken) =>
        TryAsync(channel => channel.QueueDeclarePassiveAsync(queue, cancellationToken), Constants.NotFound, cancellationToken);

    /// <summary>
    /// Messages that wait in a queue, and its consumers; none of either where there is no such queue. With neither nothing is left of it: deliveries that are
    /// not settled are not counted by the broker, but they have a consumer, and are counted again in the moment when it goes.
    /// </summary>
    public async Task<(uint Messages, uint Consumers)> CountAsync(string queue, CancellationToken cancellationToken)
    {
        QueueDeclareOk? found = null;
        await TryAsync(async channel => found = await channel.QueueDeclarePassiveAsync(queue, cancellationToken), Constants.NotFound, cancellationToken);
        return (found?.MessageCount ?? 0, found?.ConsumerCount ?? 0);
    }

    /// <summary>False when there is one of that name with other arguments.</summary>
    public Task<bool> TryDeclareAsync(Func<IChannel, Task> declare, CancellationToken cancellationToken) =>
        TryAsync(declare, Constants.PreconditionFailed, cancellationToken);

    /// <summary>False when somebody else's connection has it.</summary>
    public Task<bool> TryDeclareExclusiveAsync(string queue, CancellationToken cancellationToken) =>
        TryAsync(
            channel => channel.QueueDeclareAsync(queue, durable: false, exclusive: true, autoDelete: false, cancellationToken: cancellationToken),
            Constants.ResourceLocked,
            cancellationToken
        );

    public async Task<IChannel> ChannelAsync(CancellationToken cancellationToken)
    {
        if (_channel is { IsOpen: true })
            return _channel;
        if (_channel is not null)
            await _channel.DisposeAsync();
        return _channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        if (_channel is not null)
            await _channel.DisposeAsync();
    }

    private async Task<bool> TryAsync(Func<IChannel, Task> request, ushort no, CancellationToken cancellationToken)
    {
        try
        {
            await request(await ChannelAsync(cancellationToken));
            return true;
        }
        catch (OperationInterruptedException exception) when (BrokerFault.CodeOf(exception) == no)
        {
            return false;
        }
    }
}
