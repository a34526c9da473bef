using System.Text;
using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests;

/// <summary>From the queue to the grain and back to the acknowledgement, while nothing is wrong.</summary>
[Collection(BrokerCollection.Name)]
public sealed class DeliveryTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private const string Queue = "q";

    private Uri _address = null!;
    private TestPublisher _publisher = null!;

    public async Task InitializeAsync()
    {
        _address = await broker.CreateVhostAsync();
        _publisher = await TestPublisher.ConnectAsync(_address);
        await _publisher.DeclareAsync(Queue);
    }

    public async Task DisposeAsync() => await _publisher.DisposeAsync();

    [Fact]
    public async Task Deliveries_BacklogAndLive_ArriveInOrderAndAreAcknowledged()
    {
        await _publisher.PublishAsync(Queue, 0, 5000);
        await using var silo = await TestSilo.StartAsync(_address, [Queue]);
        await _publisher.PublishAsync(Queue, 5000, 5000);

        await Wait.Until(() => silo.Inbox.Deliveries.Count == 10_000, () => $"10,000 deliveries; {silo.Inbox.Deliveries.Count} are there");

        Assert.Equal(Enumerable.Range(0, 10_000).Select(i => $"{i}"), silo.Inbox.Bodies);
        Assert.All(silo.Inbox.Deliveries, delivery => Assert.False(delivery.Redelivered));
        await silo.StopAsync();
        Assert.Equal(0u, await _publisher.CountAsync(Queue));
    }

    [Fact]
    public async Task Delivery_AllProperties_AreRead()
    {
        await using var silo = await TestSilo.StartAsync(_address, [Queue]);
        var properties = new BasicProperties
        {
            ContentType = "text/plain",
            ContentEncoding = "utf-8",
            DeliveryMode = DeliveryModes.Persistent,
            Priority = 7,
            CorrelationId = "c",
            ReplyTo = "r",
            Expiration = "60000",
            MessageId = "m",
            Timestamp = new AmqpTimestamp(1_700_000_000),
            Type = "t",
            UserId = "guest",
            AppId = "a",
            ClusterId = "cl",
            Headers = new Dictionary<string, object?>
            {
                ["text"] = "ä",
                ["int"] = -5,
                ["long"] = 5L,
                ["bool"] = true,
                ["none"] = null,
                ["time"] = new AmqpTimestamp(1),
                ["binary"] = new BinaryTableValue([1, 2]),
                ["list"] = new List<object?> { "x", 1 },
                ["table"] = new Dictionary<string, object?> { ["y"] = "z" },
            },
        };

        await _publisher.PublishAsync(Queue, "body", properties);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 1, "the delivery");

        var delivery = silo.Inbox.Deliveries[0];
        Assert.Equal((Queue, 1ul, "", Queue), (delivery.Queue, delivery.Tag, delivery.Exchange, delivery.RoutingKey));
        Assert.Equal("body"u8.ToArray(), delivery.Body);
        Assert.Equal(("text/plain", "utf-8", (byte?)2, (byte?)7), (delivery.ContentType, delivery.ContentEncoding, delivery.DeliveryMode, delivery.Priority));
        Assert.Equal(("c", "r", "60000", "m"), (delivery.CorrelationId, delivery.ReplyTo, delivery.Expiration, delivery.MessageId));
        Assert.Equal((1_700_000_000L, "t", "guest", "a", "cl"), (delivery.Timestamp, delivery.Type, delivery.UserId, delivery.AppId, delivery.ClusterId));
        Assert.Equal(["text", "int", "long", "bool", "none", "time", "binary", "list", "table"], delivery.Headers!.Keys);
        Assert.Equal("ä", Encoding.UTF8.GetString((byte[])delivery.Headers["text"]!));
        Assert.Equal((-5, 5L, true, null), (delivery.Headers["int"], delivery.Headers["long"], delivery.Headers["bool"], delivery.Headers["none"]));
        Assert.Equal(DateTimeOffset.FromUnixTimeSeconds(1), delivery.Headers["time"]);
        Assert.Equal([1, 2], ((ReadOnlyMemory<byte>)delivery.Headers["binary"]!).ToArray());
    }

    [Fact]
    public async Task Delivery_NoProperties_AreNull()
    {
        await using var silo = await TestSilo.StartAsync(_address, [Queue]);

        await _publisher.PublishAsync(Queue, "", new BasicProperties());
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 1, "the delivery");

        var delivery = silo.Inbox.Deliveries[0];
        Assert.Empty(delivery.Body);
        Assert.Equal((null, null, null), (delivery.Headers, delivery.DeliveryMode, delivery.Timestamp));
        Assert.Equal((null, null, null), (delivery.MessageId, delivery.Expiration, delivery.ContentType));
    }

    [Fact]
    public async Task Settle_GapInTheMiddle_AllOthersAreAcknowledgedWhenTheChannelCloses()
    {
        await _publisher.PublishAsync(Queue, 0, 10);
        await using var silo = await TestSilo.StartAsync(_address, [Queue], inbox: inbox =>
            inbox.Settles = delivery => Inbox.BodyOf(delivery) is not ("2" or "7")
        );
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 10, "ten deliveries");

        silo.Inbox.Settles = null;
        await silo.Recovery.RedeliverAsync(Queue, silo.Inbox.Deliveries[0].ChannelEpoch);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 12, () => $"the two that were not settled again; there are {silo.Inbox.Deliveries.Count}");

        var again = silo.Inbox.Deliveries.Skip(10).ToList();
        Assert.Equal(["2", "7"], again.Select(Inbox.BodyOf));
        Assert.All(again, delivery => Assert.True(delivery.Redelivered));
        Assert.Equal([1ul, 2ul], again.Select(delivery => delivery.Tag));
        Assert.True(again[0].ChannelEpoch > silo.Inbox.Deliveries[0].ChannelEpoch);
    }

    [Fact]
    public async Task Settle_OneTakesLong_OthersAreAcknowledgedAndTheQueueGoesOn()
    {
        const int Prefetch = 10,
            Messages = 200;
        await _publisher.PublishAsync(Queue, 0, Messages);
        await using var silo = await TestSilo.StartAsync(
            _address,
            [Queue],
            options => options.Prefetch = Prefetch,
            inbox: inbox => inbox.Settles = delivery => Inbox.BodyOf(delivery) != "0"
        );

        await Wait.Until(() => silo.Inbox.Deliveries.Count == Messages, () => $"all behind the first; there are {silo.Inbox.Deliveries.Count}");
        Assert.Equal(Enumerable.Range(0, Messages).Select(number => $"{number}"), silo.Inbox.Deliveries.Select(Inbox.BodyOf));

        silo.Inbox.Settle(silo.Inbox.Deliveries[0]);
        await silo.StopAsync();
        Assert.Equal(0u, await _publisher.CountAsync(Queue));
        Assert.All(silo.Inbox.Deliveries, delivery => Assert.Equal(silo.Inbox.Deliveries[0].ChannelEpoch, delivery.ChannelEpoch));
    }

    [Fact]
    public async Task Settle_DeliveryOfAClosedChannel_AcknowledgesNothing()
    {
        await _publisher.PublishAsync(Queue, 0, 3);
        await using var silo = await TestSilo.StartAsync(_address, [Queue], inbox: inbox => inbox.Settles = _ => false);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 3, "three deliveries");
        await silo.Recovery.RedeliverAsync(Queue, silo.Inbox.Deliveries[0].ChannelEpoch);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 6, "three deliveries again");

        foreach (var late in silo.Inbox.Deliveries.Take(3))
            silo.Inbox.Settle(late);
        silo.Inbox.Settle(silo.Inbox.Deliveries[3]);
        await silo.StopAsync();

        Assert.Equal(2u, await _publisher.CountAsync(Queue));
    }

    [Fact]
    public async Task RedeliverAsync_ChannelThatIsClosedAlready_DoesNothing()
    {
        await _publisher.PublishAsync(Queue, 0, 1);
        await using var silo = await TestSilo.StartAsync(_address, [Queue], inbox: inbox => inbox.Settles = _ => false);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 1, "the delivery");
        var first = silo.Inbox.Deliveries[0].ChannelEpoch;
        await silo.Recovery.RedeliverAsync(Queue, first);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 2, "the delivery again");

        await silo.Recovery.RedeliverAsync(Queue, first);
        silo.Inbox.Settle(silo.Inbox.Deliveries[1]);
        await silo.StopAsync();

        Assert.Equal(2, silo.Inbox.Deliveries.Count);
        Assert.Equal(0u, await _publisher.CountAsync(Queue));
    }

    [Fact]
    public async Task Prefetch_NothingIsSettled_BrokerKeepsTheRest()
    {
        await _publisher.PublishAsync(Queue, 0, 100);
        await using var silo = await TestSilo.StartAsync(_address, [Queue], options => options.Prefetch = 10, inbox: inbox => inbox.Settles = _ => false);

        await Wait.Until(() => silo.Inbox.Deliveries.Count == 10, "ten deliveries");
        Assert.Equal(90u, await _publisher.CountAsync(Queue));

        silo.Inbox.Settles = null;
        foreach (var delivery in silo.Inbox.Deliveries)
            silo.Inbox.Settle(delivery);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 100, () => $"all deliveries; there are {silo.Inbox.Deliveries.Count}");
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), silo.Inbox.Bodies);
    }

    [Fact]
    public async Task OnNext_Throws_BatchComesAgainAndNothingIsLost()
    {
        var calls = 0;
        await using var silo = await TestSilo.StartAsync(_address, [Queue], inbox: inbox =>
            inbox.OnNext = () => Interlocked.Increment(ref calls) <= 2 ? throw new InvalidOperationException("test") : Task.CompletedTask
        );

        await _publisher.PublishAsync(Queue, 0, 50);

        await Wait.Until(() => silo.Inbox.Deliveries.Count >= 50, "all deliveries");
        await silo.StopAsync();
        Assert.Equal(Enumerable.Range(0, 50).Select(i => $"{i}"), silo.Inbox.Bodies);
        Assert.Equal(0u, await _publisher.CountAsync(Queue));
    }

    [Fact]
    public async Task SettlementTimeout_ConsumerHasLostADelivery_BrokerDeliversAgain()
    {
        var first = true;
        await using var silo = await TestSilo.StartAsync(
            _address,
            [Queue],
            options => options.SettlementTimeout = TimeSpan.FromSeconds(1),
            inbox: inbox => inbox.Settles = delivery => Inbox.BodyOf(delivery) != "1" || !first
        );
        await _publisher.PublishAsync(Queue, 0, 3);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 3, "three deliveries");
        first = false;

        await Wait.Until(() => silo.Inbox.Deliveries.Count == 4, "the lost delivery again, and not the one behind it, which was settled");

        Assert.Equal(["0", "1", "2", "1"], silo.Inbox.Bodies);
        Assert.Equal(1, silo.Logs.Count(1013));
        await silo.StopAsync();
        Assert.Equal(0u, await _publisher.CountAsync(Queue));
    }

    [Fact]
    public async Task SettlementTimeout_ConsumerHasTheDeliveryInHand_IsNotDeliveredAgain()
    {
        await _publisher.DeclareAsync("lost");
        await using var silo = await TestSilo.StartAsync(
            _address,
            [Queue, "lost"],
            options => options.SettlementTimeout = TimeSpan.FromSeconds(1),
            inbox: inbox => inbox.Settles = _ => false
        );
        await _publisher.PublishAsync(Queue, 0, 2);
        await _publisher.PublishAsync("lost", 0, 1);
        await Wait.Until(() => Of(Queue).Count == 2, "two deliveries");

        await Wait.Until(
            () =>
            {
                silo.Inbox.Hold(Of(Queue)[0]);
                return Of("lost").Count == 4;
            },
            "three times as long as a lost delivery is waited for"
        );
        Assert.Equal(2, Of(Queue).Count);
        Assert.Equal(QueueState.Stalled, silo.HealthOf(Queue).State);
        // The one behind it is not what the acknowledgements wait for.
        await Wait.Until(
            () =>
            {
                if (Of(Queue).Count == 2)
                    silo.Inbox.Hold(Of(Queue)[1]);
                return Of(Queue).Count == 4;
            },
            "both again, as the first one is lost"
        );

        IReadOnlyList<RabbitMqDelivery> Of(string queue) => [.. silo.Inbox.Deliveries.Where(delivery => delivery.Queue == queue)];
    }

    [Fact]
    public async Task Queues_Several_EachIsAStreamOfItsOwn()
    {
        string[] queues = ["a", "b", "c"];
        foreach (var queue in queues)
            await _publisher.DeclareAsync(queue);
        await using var silo = await TestSilo.StartAsync(_address, queues);

        foreach (var queue in queues)
            await _publisher.PublishAsync(queue, 0, 100);

        await Wait.Until(() => silo.Inbox.Deliveries.Count == 300, "all deliveries");
        foreach (var queue in queues)
            Assert.Equal(Enumerable.Range(0, 100).Select(i => $"{i}"), silo.Inbox.Deliveries.Where(delivery => delivery.Queue == queue).Select(Inbox.BodyOf));
        await silo.StopAsync();
        Assert.All(await Task.WhenAll(queues.Select(_publisher.CountAsync)), count => Assert.Equal(0u, count));
    }

    [Fact]
    public async Task QuorumQueue_Redelivery_KeepsOrder()
    {
        await _publisher.DeclareAsync("quorum", "quorum");
        await using var silo = await TestSilo.StartAsync(_address, ["quorum"], inbox: inbox => inbox.Settles = _ => false);
        await _publisher.PublishAsync("quorum", 0, 20);
        await Wait.Until(() => silo.Inbox.Deliveries.Count == 20, "all deliveries");

        silo.Inbox.Settles = null;
        await silo.Recovery.RedeliverAsync("quorum", silo.Inbox.Deliveries[0].ChannelEpoch);

        await Wait.Until(() => silo.Inbox.Deliveries.Count == 40, "all deliveries again");
        Assert.Equal(silo.Inbox.Bodies.Take(20), silo.Inbox.Bodies.Skip(20));
    }
}
