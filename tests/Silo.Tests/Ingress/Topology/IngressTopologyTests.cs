using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Silo.Ingress;
using NotifyOrleans.Silo.Ingress.Topology;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace NotifyOrleans.Silo.Tests.Ingress.Topology;

/// <summary>Two silos' topologies on one broker, step by step: what one does while the other stands still between two of its own.</summary>
[Collection(BrokerCollection.Name)]
public sealed class IngressTopologyTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private static readonly string[] Queues = ["notifyorleans.ingress.2.0", "notifyorleans.ingress.2.1"];

    private Uri _address = null!;
    private Publisher _publisher = null!;
    private IConnection _oneConnection = null!;
    private IConnection _twoConnection = null!;
    private IngressTopology _one = null!;
    private IngressTopology _two = null!;

    private IChannel Channel => _publisher.Channel;

    public async Task InitializeAsync()
    {
        _address = await broker.CreateVhostAsync();
        _publisher = await Publisher.ConnectAsync(_address);
        (_one, _two) = (CreateTopology(), CreateTopology());
        _oneConnection = await new ConnectionFactory { Uri = _address }.CreateConnectionAsync();
        _twoConnection = await new ConnectionFactory { Uri = _address }.CreateConnectionAsync();
        Assert.Equal(QueueAssignment.Consume(Queues[0]), await _one.PrepareAsync("partition-0", _oneConnection, default));
        await _publisher.PublishAsync(users: 40, first: 0, count: 1);
        // As after a start of the broker.
        await Channel.ExchangeDeleteAsync("notifyorleans.ingress.2.direct");
    }

    public async Task DisposeAsync()
    {
        await _oneConnection.DisposeAsync();
        await _twoConnection.DisposeAsync();
        await _publisher.DisposeAsync();
    }

    [Fact]
    public async Task Confirm_WayWasOpenedBetweenAssignmentAndConsumer_IsRefused()
    {
        var assignment = await _one.PrepareAsync("partition-1", _oneConnection, default);
        Assert.Equal(QueueAssignment.Drain(Queues[1]), assignment);
        await EmptyAsync(Queues);
        Assert.Equal(QueueAssignment.Consume(Queues[0]), await _two.PrepareAsync("partition-0", _twoConnection, default));

        await ConsumeAsync(Queues[1]);

        Assert.False(await _one.ConfirmAsync("partition-1", assignment, _oneConnection, default));
    }

    [Fact]
    public async Task Open_AnotherSiloConsumesAQueue_Waits()
    {
        var assignment = await _one.PrepareAsync("partition-1", _oneConnection, default);
        await ConsumeAsync(Queues[1]);
        await EmptyAsync(Queues[0]);

        Assert.True(await _one.ConfirmAsync("partition-1", assignment, _oneConnection, default));
        var waiting = await Assert.ThrowsAsync<QueueNotReadyException>(() => _two.PrepareAsync("partition-0", _twoConnection, default));
        Assert.Contains(Queues[1], waiting.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Waiting_IsEmptiedByOnePartitionBeforeTheOthersGoOn()
    {
        await EmptyAsync(Queues);
        await _publisher.PublishAsync(users: 40, first: 1, count: 1);

        var first = await _two.PrepareAsync("partition-0", _twoConnection, default);
        await _publisher.PublishAsync(users: 40, first: 2, count: 1);

        Assert.Equal(QueueAssignment.Drain("notifyorleans.ingress.direct.waiting"), first);
        Assert.Equal(40u, await Channel.MessageCountAsync("notifyorleans.ingress.direct.waiting"));
        Assert.Equal(40u, await Channel.MessageCountAsync(Queues[0]) + await Channel.MessageCountAsync(Queues[1]));
        await Assert.ThrowsAsync<QueueNotReadyException>(() => _one.PrepareAsync("partition-1", _oneConnection, default));
        await EmptyAsync("notifyorleans.ingress.direct.waiting");
        Assert.Equal(QueueAssignment.Consume(Queues[1]), await _one.PrepareAsync("partition-1", _oneConnection, default));
    }

    [Fact]
    public async Task Entry_TurnedToADirectWayWhoseBindingsAreMissing_IsBoundInOrder()
    {
        // A silo that stops between the steps: it has declared the exchange that says which way is in use, and bound nothing yet.
        await EmptyAsync(Queues);
        Assert.Equal(QueueAssignment.Consume(Queues[0]), await _two.PrepareAsync("partition-0", _twoConnection, default));
        await Channel.ExchangeDeleteAsync("notifyorleans.ingress.2.detour");
        Assert.Equal(QueueAssignment.Consume(Queues[0]), await _two.PrepareAsync("partition-0", _twoConnection, default));
        await Channel.ExchangeUnbindAsync("notifyorleans.ingress.direct", "notifyorleans.ingress", "");
        await Channel.ExchangeUnbindAsync("notifyorleans.ingress.2.direct", "notifyorleans.ingress.direct", "");

        await _one.EnsureAsync(_oneConnection, default);
        await _publisher.PublishAsync(users: 40, first: 1, count: 1);

        Assert.Equal(40u, await Channel.MessageCountAsync(Queues[0]) + await Channel.MessageCountAsync(Queues[1]));
    }

    private async Task EmptyAsync(params string[] queues)
    {
        foreach (var queue in queues)
            await Channel.QueuePurgeAsync(queue);
    }

    private async Task ConsumeAsync(string queue)
    {
        var channel = await _oneConnection.CreateChannelAsync();
        await channel.BasicConsumeAsync(queue, autoAck: false, new AsyncEventingBasicConsumer(channel));
    }

    private IngressTopology CreateTopology()
    {
        var configuration = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["ConnectionStrings:RabbitMq"] = _address.AbsoluteUri })
            .Build();
        var options = new IngressOptions
        {
            Partitions = 2,
            Sources =
            [
                new SourceOptions
                {
                    Exchange = "notifications",
                    Bindings = ["#"],
                    Declare = true,
                },
            ],
        };
        return new IngressTopology(Options.Create(options), new BrokerAddress(configuration), new IngressState(), NullLogger<IngressTopology>.Instance);
    }
}
