using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Grains.Tests.Queues;

/// <summary>A broker, a silo that consumes its queues, and an edge that the test plays.</summary>
public sealed class QueueSilo : SiloWithEdge, IAsyncLifetime
{
    private readonly RabbitMqBroker _broker = new();
    private IConnection? _connection;

    /// <summary>A channel of somebody else's.</summary>
    public IChannel Channel { get; private set; } = null!;

    async Task IAsyncLifetime.InitializeAsync()
    {
        await _broker.StartAsync();
        _connection = await new ConnectionFactory { Uri = _broker.Uri }.CreateConnectionAsync();
        Channel = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)
        );
        await InitializeAsync();
    }

    async Task IAsyncLifetime.DisposeAsync()
    {
        await DisposeAsync();
        await _connection!.DisposeAsync();
        await _broker.DisposeAsync();
    }

    internal override Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder, broker: _broker.Uri);
}
