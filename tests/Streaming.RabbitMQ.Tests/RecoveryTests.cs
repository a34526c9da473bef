using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests;

/// <summary>Faults that leave the broker running.</summary>
[Collection(BrokerCollection.Name)]
public sealed class RecoveryTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private const string Queue = "q";

    private readonly string _connectionName = $"streams-{Guid.NewGuid():n}";
    private Uri _address = null!;
    private TestPublisher _publisher = null!;

    private string Vhost => Uri.UnescapeDataString(_address.AbsolutePath[1..]);

    public async Task InitializeAsync()
    {
        _address = await broker.CreateVhostAsync();
        _publisher = await TestPublisher.ConnectAsync(_address);
    }

    public async Task DisposeAsync() => await _publisher.DisposeAsync();

    [Fact]
    public async Task Connection_ClosedByName_UnsettledComeAgainInOrderAndItIsLoggedOnce()
    {
        await _publisher.DeclareAsync(Queue);
        await _publisher.DeclareAsync("other");
        await using var silo = await StartAsync([Queue, "other"], inbox => inbox.Settles = delivery => Inbox.BodyOf(delivery) is "0" or "1");
        await _publisher.PublishAsync(Queue, 0, 5);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 5, "five deliveries");
        // Acknowledgements are collected for a while; what the broker does not know of yet would come again too.
        await Wait.Until(
            async () => (await broker.ControlAsync("list_queues", "-p", Vhost, "messages_unacknowledged")).Contains("\n3\n", StringComparison.Ordinal),
            "the broker to know of the first two"
        );
        silo.Inbox.Settles = null;

        Assert.Equal(1, await broker.Management.CloseConnectionsAsync(_connectionName));
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 8, "three deliveries again");
        await _publisher.PublishAsync(Queue, 5, 1);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 9, "a new delivery");

        Assert.Equal(["0", "1", "2", "3", "4", "2", "3", "4", "5"], silo.Inbox.Bodies);
        Assert.Equal(1, silo.Logs.Count(1002));
        Assert.Equal(0, silo.Logs.Count(1011));
        Assert.Equal(QueueState.Consuming, silo.HealthOf(Queue).State);
    }

    [Fact]
    public async Task Connection_ClosedByNameWhileBusy_NothingIsLostAndOrderHoldsAfterDroppingRepeats()
    {
        const int Count = 20_000;
        await _publisher.DeclareAsync(Queue);
        await using var silo = await StartAsync([Queue]);
        var publishing = _publisher.PublishAsync(Queue, 0, Count);
        for (var i = 1; i <= 2; i++)
        {
            await Wait.Until(() => silo.Inbox.Deliveries.Count > Count * i / 4, "deliveries to come");
            await broker.Management.CloseConnectionsAsync(_connectionName);
        }
        await publishing;

        await Wait.Until(() => silo.Inbox.Bodies.Distinct().Count() == Count, "all deliveries", TimeSpan.FromSeconds(60));

        Assert.Equal(Enumerable.Range(0, Count).Select(i => $"{i}"), silo.Inbox.Bodies.Distinct());
        await silo.StopAsync();
        Assert.Equal(0u, await _publisher.CountAsync(Queue));
    }

    [Fact]
    public async Task Queue_MissingAtStart_IsShownAndLoggedOnceAndConsumedWhenItComes()
    {
        await using var silo = await StartAsync([Queue]);
        await Wait.Until(
            () => silo.HealthOf(Queue).Detail.Contains("NOT_FOUND", StringComparison.Ordinal),
            () => $"health to say why; it is {silo.HealthOf(Queue)}"
        );
        Assert.Equal(QueueState.Waiting, silo.HealthOf(Queue).State);

        await _publisher.DeclareAsync(Queue);
        await _publisher.PublishAsync(Queue, 0, 1);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 1, "the delivery");

        Assert.Equal(1, silo.Logs.Count(1011));
        Assert.Equal(1, silo.Logs.Count(1012));
    }

    [Fact]
    public async Task Queue_Deleted_ConsumerIsCancelledAndComesBackWithTheQueue()
    {
        await _publisher.DeclareAsync(Queue);
        await using var silo = await StartAsync([Queue]);
        await silo.ConsumesAsync(Queue);

        await broker.Management.DeleteQueueAsync(Queue, Vhost);
        await Wait.Until(() => silo.HealthOf(Queue).State == QueueState.Waiting, "health to show the loss");
        await _publisher.DeclareAsync(Queue);
        await silo.ConsumesAsync(Queue);
        await _publisher.PublishAsync(Queue, 0, 1);

        await Wait.Until(() => silo.Inbox.Deliveries.Count == 1, "the delivery");
        // Cancelled, and then not found.
        Assert.InRange(silo.Logs.Count(1011), 1, 2);
        Assert.Equal(1, silo.Logs.Count(1012));
        Assert.Equal(0, silo.Logs.Count(1002));
    }

    [Fact]
    public async Task Channel_ClosedByTheBroker_IsOpenedAgain()
    {
        await _publisher.DeclareAsync(Queue);
        await using var silo = await StartAsync([Queue]);
        await silo.ConsumesAsync(Queue);

        // A plain connection's exclusive consumer is refused while ours is there; the other way round, ours is refused when it comes back.
        await _publisher.Channel.QueueDeleteAsync(Queue, ifUnused: false, ifEmpty: false);
        await using var other = await TestPublisher.ConnectAsync(_address);
        await other.Channel.QueueDeclareAsync(Queue, durable: false, exclusive: true, autoDelete: true);
        await Wait.Until(
            () => silo.HealthOf(Queue).Detail.Contains("RESOURCE_LOCKED", StringComparison.Ordinal),
            () => $"the queue to be locked; it is {silo.HealthOf(Queue)}"
        );
        await other.DisposeAsync();
        await _publisher.DeclareAsync(Queue);

        await silo.ConsumesAsync(Queue);
        Assert.Equal(1, silo.Logs.Count(1012));
    }

    [Fact]
    public async Task Silos_Two_ShareTheQueuesAndTakeOverFromOneThatStops()
    {
        string[] queues = [.. Enumerable.Range(0, 8).Select(i => $"q{i}")];
        foreach (var queue in queues)
            await _publisher.DeclareAsync(queue);
        var port = FreePort.Next();
        await using var first = await TestSilo.StartAsync(_address, queues, siloPort: port);
        await using var second = await TestSilo.StartAsync(_address, queues, primaryPort: port);
        await Wait.Until(
            () => queues.All(queue => IsConsumed(first, queue) != IsConsumed(second, queue)) && queues.Any(queue => IsConsumed(second, queue)),
            "both to share the queues"
        );

        foreach (var queue in queues)
            await _publisher.PublishAsync(queue, 0, 200);
        await Wait.Until(() => second.Inbox.Deliveries.Count > 0, "the second to have deliveries");
        await second.StopAsync();
        foreach (var queue in queues)
            await _publisher.PublishAsync(queue, 200, 200);
        await Wait.Until(() => AllOf(queues, 400, second, first), "all deliveries", TimeSpan.FromSeconds(60));

        foreach (var queue in queues)
        {
            // What the second one had comes before what the first one got after it.
            var bodies = Of(first, queue).Any(body => body == "0") ? Of(first, queue) : Of(second, queue).Concat(Of(first, queue));
            Assert.Equal(Enumerable.Range(0, 400).Select(i => $"{i}"), bodies.Distinct());
        }
        await first.StopAsync();
        Assert.All(await Task.WhenAll(queues.Select(_publisher.CountAsync)), count => Assert.Equal(0u, count));
    }

    private static bool AllOf(string[] queues, int count, params TestSilo[] silos) =>
        queues.All(queue => silos.SelectMany(silo => Of(silo, queue)).Distinct().Count() == count);

    private static IEnumerable<string> Of(TestSilo silo, string queue) => silo.Inbox.Deliveries.Where(delivery => delivery.Queue == queue).Select(Inbox.BodyOf);

    private static bool IsConsumed(TestSilo silo, string queue) => silo.HealthOf(queue).State == QueueState.Consuming;

    private Task<TestSilo> StartAsync(string[] queues, Action<Inbox>? inbox = null) =>
        TestSilo.StartAsync(_address, queues, options => options.ConnectionName = _connectionName, inbox: inbox);
}
