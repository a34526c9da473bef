using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Network;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests;

/// <summary>Faults that take the broker with them; so it is a broker of this class.</summary>
public sealed class BrokerLossTests : IAsyncLifetime
{
    private const string Queue = "q";

    private readonly RabbitMqBroker _broker = RabbitMqBroker.NotStarted();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Network_TakesAConnectionAndSaysNothing_IsGivenUpAndTheNextIsUsed()
    {
        await _broker.StartAsync();
        await using var publisher = await TestPublisher.ConnectAsync(_broker.Uri);
        await publisher.DeclareAsync(Queue);
        await publisher.PublishAsync(Queue, 0, 1);
        await using var network = new FaultProxy(_broker.AmqpPort);
        network.Swallow();
        await using var silo = await TestSilo.StartAsync(new UriBuilder(_broker.Uri) { Port = network.Port }.Uri, [Queue]);
        await Wait.Until(() => network.Connections.Count == 1, "the silo to connect");

        // What was swallowed stays so: the broker never hears of the connection that is there.
        network.Heal();

        await Wait.Until(() => silo.Inbox.Deliveries.Count == 1, () => $"the delivery; {silo.HealthOf(Queue)}");
        Assert.Contains("has not opened the connection", Assert.Single(silo.Logs.Entries, entry => entry.EventId == 1001).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Broker_AbsentThenStartedThenKilled_StreamComesBackByItself()
    {
        await using var silo = await TestSilo.StartAsync(_broker.Uri, [Queue], inbox: inbox => inbox.Settles = _ => false);
        await Wait.Until(
            () => silo.HealthOf(Queue).Detail.Contains("no connection", StringComparison.Ordinal),
            () => $"health to say that there is no broker; it is {silo.HealthOf(Queue)}"
        );

        await _broker.StartAsync();
        await using (var publisher = await TestPublisher.ConnectAsync(_broker.Uri))
        {
            await publisher.DeclareAsync(Queue);
            await silo.ConsumesAsync(Queue);
            await publisher.PublishAsync(Queue, 0, 100);
        }
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 100, "all deliveries");
        Assert.Equal(1, silo.Logs.Count(1001));

        await _broker.SyncDeclarationsAsync();
        await _broker.KillAsync();
        await Wait.Until(() => silo.HealthOf(Queue).State == QueueState.Waiting, "health to show the loss");
        silo.Inbox.Settles = null;
        await _broker.StartAsync();
        await Wait.Until(
            () => silo.Inbox.Deliveries.Count == 200,
            () => $"all deliveries again; there are {silo.Inbox.Deliveries.Count}; {silo.HealthOf(Queue)}"
        );

        Assert.Equal(silo.Inbox.Bodies.Take(100), silo.Inbox.Bodies.Skip(100));
        Assert.Equal(1, silo.Logs.Count(1002));
        Assert.Equal(2, silo.Logs.Count(1001));
        Assert.Equal(2, silo.Logs.Count(1000));
        Assert.Equal(0, silo.Logs.Entries.Count(entry => entry.Category.Contains("PullingAgent", StringComparison.Ordinal) && entry.Exception is not null));

        // A memory alarm stops publishers, and not what is consumed.
        await _broker.ControlAsync("set_vm_memory_high_watermark", "0.00001");
        await using (var publisher = await TestPublisher.ConnectAsync(_broker.Uri))
        {
            var blocked = publisher.PublishAsync(Queue, 100, 1);
            await Wait.Until(
                async () => (await _broker.ControlAsync("list_connections", "state")).Contains("block", StringComparison.Ordinal),
                "the publisher to be blocked"
            );
            Assert.False(blocked.IsCompleted);
            Assert.Equal(QueueState.Consuming, silo.HealthOf(Queue).State);
            await _broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
            await blocked;
        }
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 201, "the delivery after the alarm");
    }
}
