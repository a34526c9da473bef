using Microsoft.Extensions.Options;
using NotifyOrleans.Streaming.RabbitMQ.Connections;

namespace NotifyOrleans.Grains.Queues;

/// <summary>The silo's connections for subscriptions to queues: one, and more when its channels are used up. None is opened before it is needed.</summary>
/// <param name="create">Makes the connection of this number.</param>
/// <param name="options">How many channels one has.</param>
public sealed class QueueConnections(Func<int, BrokerConnection> create, IOptions<QueuesOptions> options) : IAsyncDisposable
{
    private readonly Lock _gate = new();
    private readonly List<QueueConnection> _connections = [];

    /// <summary>A connection with a channel to spare, which is counted.</summary>
    internal QueueConnection Take()
    {
        lock (_gate)
        {
            foreach (var connection in _connections)
            {
                if (connection.TryTake(options.Value.MaxChannelsPerConnection))
                    return connection;
            }
            var further = new QueueConnection(create(_connections.Count + 1));
            further.TryTake(1);
            _connections.Add(further);
            return further;
        }
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections)
            await connection.Broker.DisposeAsync();
    }
}
