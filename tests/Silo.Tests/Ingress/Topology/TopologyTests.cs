using System.Collections.Concurrent;
using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Silo.DeadLetters;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.Ingress.Topology;

/// <summary>What is declared, and what happens when it goes.</summary>
[Collection(BrokerCollection.Name)]
public sealed class TopologyTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private Uri _address = null!;
    private Publisher _publisher = null!;

    private string Vhost => Uri.UnescapeDataString(_address.AbsolutePath[1..]);

    public async Task InitializeAsync()
    {
        _address = await broker.CreateVhostAsync();
        _publisher = await Publisher.ConnectAsync(_address);
    }

    public async Task DisposeAsync() => await _publisher.DisposeAsync();

    [Fact]
    public async Task Start_DevelopmentDefaults_DeclaresOneQueueForEachPartitionAndOneForDeadLetters()
    {
        await using var silo = await IngressSilo.StartAsync(_address);
        await silo.HealthyAsync();

        var queues = await broker.Management.GetQueuesAsync(Vhost);
        Assert.Equal(
            [
                "notifyorleans.dead-letters",
                .. Enumerable.Range(0, 8).Select(i => $"notifyorleans.ingress.8.{i}"),
                "notifyorleans.ingress.detour.waiting",
                "notifyorleans.ingress.direct.waiting",
            ],
            queues.Select(queue => queue.Name).Order(StringComparer.Ordinal)
        );
        foreach (var queue in queues.Where(queue => queue.Name != "notifyorleans.dead-letters"))
        {
            Assert.Equal(("classic", true), (queue.Type, queue.Durable));
            Assert.True(queue.Arguments.GetProperty("x-single-active-consumer").GetBoolean());
        }
        var bindings = (await broker.Management.GetBindingsAsync(Vhost)).Where(binding => binding.Source.Length > 0).ToList();
        // Of the queues to the ring and to the exchange that the layout is found by, of source, entry, way and ring, of dead letters and the two waiting
        // queues.
        Assert.Equal(8 + 8 + 3 + 1 + 2, bindings.Count);
        Assert.Contains(bindings, binding => binding is { Source: "notifications", Destination: "notifyorleans.ingress", RoutingKey: "#" });
        Assert.Contains(bindings, binding => binding is { Source: "notifyorleans.ingress", Destination: "notifyorleans.ingress.direct" });
        Assert.Contains(bindings, binding => binding is { Source: "notifyorleans.ingress.direct", Destination: "notifyorleans.ingress.8.direct" });
        var source = Assert.Single(await broker.Management.GetExchangesAsync(Vhost), exchange => exchange.Name == "notifications");
        Assert.Equal(("topic", true), (source.Type, source.Durable));
    }

    [Fact]
    public async Task Messages_ManyKeys_AreSpreadAndInOrderPerKey()
    {
        await using var silo = await IngressSilo.StartAsync(_address);
        await silo.HealthyAsync();

        await _publisher.PublishAsync(users: 100, first: 0, count: 20);
        await silo.DeliveredAsync(2000);

        AssertOrder(silo, users: 100, count: 20);
        Assert.Equal(8, silo.Router.Deliveries.Select(delivery => delivery.Queue).Distinct().Count());
        Assert.All(silo.Router.Deliveries, delivery => Assert.Equal("notifications", delivery.Exchange));
    }

    [Fact]
    public async Task HashHeader_KeysDiffer_OneValueIsOnePartitionInOrder()
    {
        await using var silo = await IngressSilo.StartAsync(
            _address,
            new()
            {
                ["Ingress:HashHeader"] = "user",
                ["Ingress:QueueType"] = "Quorum",
                ["Ingress:Partitions"] = "3",
            }
        );
        await silo.HealthyAsync();

        for (var i = 0; i < 300; i++)
            await _publisher.PublishAsync($"order.{i}", $"{i}", headers: new() { ["user"] = $"u{i % 10}" });
        await silo.DeliveredAsync(300);

        foreach (var user in silo.Router.Deliveries.GroupBy(delivery => Encoding.UTF8.GetString((byte[])delivery.Headers!["user"]!)))
        {
            Assert.Single(user.Select(delivery => delivery.Queue).Distinct());
            Assert.Equal(user.Select(NumberOf).Order(), user.Select(NumberOf));
        }
        Assert.Equal(3, silo.Router.Deliveries.Select(delivery => delivery.Queue).Distinct().Count());
        Assert.All(
            (await broker.Management.GetQueuesAsync(Vhost)).Where(queue =>
                queue.Name.StartsWith("notifyorleans.ingress.3.quorum.header.", StringComparison.Ordinal)
            ),
            queue =>
            {
                Assert.Equal("quorum", queue.Type);
                Assert.True(queue.Arguments.GetProperty("x-delivery-limit").GetInt64() >= 1_000_000);
            }
        );
    }

    [Fact]
    public async Task Source_Missing_IsNamedInHealthLoggedOnceAndBoundWhenItComes()
    {
        await using var silo = await IngressSilo.StartAsync(_address, development: false);
        await silo.HealthAsync(HealthStatus.Unhealthy, "nothing comes from notifications: NOT_FOUND - no exchange 'notifications'");

        await _publisher.Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        await silo.HealthyAsync();
        await _publisher.PublishAsync("user.alice", "1");
        await silo.DeliveredAsync(1);

        Assert.Equal((1, 1), (silo.Logs.Count(1100), silo.Logs.Count(1101)));
    }

    [Fact]
    public async Task Sources_OneOfTwoIsMissing_TheOtherGoesOn()
    {
        await using var silo = await IngressSilo.StartAsync(
            _address,
            new() { ["Ingress:Sources:1:Exchange"] = "shop", ["Ingress:Sources:1:Declare"] = "false" }
        );
        await silo.HealthAsync(HealthStatus.Unhealthy, "nothing comes from shop");

        await _publisher.PublishAsync("user.alice", "1");

        await silo.DeliveredAsync(1);
    }

    [Fact]
    public async Task Source_DeletedWhileRunning_IsNoticedAndBoundAgain()
    {
        await using var silo = await IngressSilo.StartAsync(_address, development: false, settings: new() { ["Ingress:Sources:0:Declare"] = "false" });
        await _publisher.Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        await silo.HealthyAsync();

        await _publisher.Channel.ExchangeDeleteAsync("notifications");
        await silo.HealthAsync(HealthStatus.Unhealthy, "nothing comes from notifications");
        await _publisher.Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        await silo.HealthyAsync();

        await _publisher.PublishAsync("user.alice", "1");
        await silo.DeliveredAsync(1);
    }

    [Fact]
    public async Task PartitionQueues_DeletedWhileRunning_AreMadeAgainAndConsumed()
    {
        await using var silo = await IngressSilo.StartAsync(_address, new() { ["Ingress:Partitions"] = "2" });
        await silo.HealthyAsync();

        await broker.Management.DeleteQueueAsync("notifyorleans.ingress.2.0", Vhost);
        await broker.Management.DeleteQueueAsync("notifyorleans.ingress.2.1", Vhost);
        await Wait.Until(
            async () => (await broker.Management.GetQueuesAsync(Vhost)).Count(queue => queue.Name.Contains("ingress.2", StringComparison.Ordinal)) == 2,
            "both queues again"
        );
        await silo.HealthyAsync();

        await _publisher.PublishAsync(users: 20, first: 0, count: 1);
        await silo.DeliveredAsync(20);
        Assert.Equal(2, silo.Logs.Entries.Count(entry => entry.EventId == 1011));
        Assert.Equal(2, silo.Logs.Entries.Count(entry => entry.EventId == 1012));
    }

    [Fact]
    public async Task OurExchanges_DeletedWhileRunning_AreMadeAgain()
    {
        await using var silo = await IngressSilo.StartAsync(_address);
        await silo.HealthyAsync();
        var before = (await broker.Management.GetBindingsAsync(Vhost)).Count;
        var exchanges = await OursAsync();
        Assert.Equal(9, exchanges.Count);

        // The record of the layouts is written when there is something to say.
        foreach (var exchange in exchanges.Except(["notifyorleans.ingress.only"]))
            await broker.Management.DeleteExchangeAsync(exchange, Vhost);
        await Wait.Until(
            async () => (await OursAsync()).SequenceEqual(exchanges) && (await broker.Management.GetBindingsAsync(Vhost)).Count == before,
            "all exchanges and bindings again"
        );
        await silo.HealthyAsync();

        await _publisher.PublishAsync("user.alice", "1");
        await silo.DeliveredAsync(1);
    }

    [Fact]
    public async Task Ring_DeletedWhileMessagesComeAndTwoSilosTakeThem_EachComesInOrder()
    {
        const int Users = 40;
        ConcurrentQueue<RabbitMqDelivery> deliveries = new();
        await using var silo = await IngressSilo.StartAsync(_address, router: router => router.Log = deliveries);
        await using var other = await IngressSilo.StartAsync(_address, router: router => router.Log = deliveries);
        await silo.HealthyAsync();
        await other.HealthyAsync();
        await using var publisher = new SteadyPublisher(_address, Users);
        publisher.Start();

        // The second time while what had waited the first time is delivered.
        for (var i = 0; i < 2; i++)
        {
            await publisher.MoreAsync(5);
            var ring = (await OursAsync()).Single(name => name is "notifyorleans.ingress.8.direct" or "notifyorleans.ingress.8.detour");
            await broker.Management.DeleteExchangeAsync(ring, Vhost);
            await Wait.Until(
                async () => (await OursAsync()).Any(name => name.StartsWith("notifyorleans.ingress.8.", StringComparison.Ordinal) && name != ring),
                () => $"the ring of the other way; {string.Join(", ", silo.Queues)} and {string.Join(", ", other.Queues)}"
            );
        }
        await publisher.MoreAsync(5);
        await publisher.StopAsync();

        await Wait.Until(
            () => deliveries.Select(delivery => (delivery.RoutingKey, NumberOf(delivery))).Distinct().Count() == Users * publisher.Rounds,
            "all messages"
        );
        await silo.HealthyAsync();
        await other.HealthyAsync();
        AssertOrder(deliveries, Users, publisher.Rounds);
        // Once at the first start, and once for each deletion.
        Assert.Equal(3, silo.Logs.Count(1105) + other.Logs.Count(1105));
    }

    [Fact]
    public async Task Exchanges_FromBeforeThereWereWaitingQueues_AreTakenOverWithWhatIsInTheQueues()
    {
        var channel = _publisher.Channel;
        await channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        await channel.ExchangeDeclareAsync("notifyorleans.ingress.detour", ExchangeType.Fanout, durable: true);
        await channel.ExchangeDeclareAsync(
            "notifyorleans.ingress",
            ExchangeType.Fanout,
            durable: true,
            arguments: new Dictionary<string, object?> { ["alternate-exchange"] = "notifyorleans.ingress.detour" }
        );
        await channel.ExchangeDeclareAsync(
            "notifyorleans.ingress.only",
            ExchangeType.Fanout,
            durable: true,
            arguments: new Dictionary<string, object?> { ["alternate-exchange"] = "notifyorleans.ingress.8" }
        );
        await channel.ExchangeDeclareAsync("notifyorleans.ingress.8", "x-consistent-hash", durable: true);
        for (var i = 0; i < 8; i++)
        {
            await channel.QueueDeclareAsync(
                $"notifyorleans.ingress.8.{i}",
                durable: true,
                exclusive: false,
                autoDelete: false,
                new Dictionary<string, object?> { ["x-queue-type"] = "classic", ["x-single-active-consumer"] = true }
            );
            await channel.QueueBindAsync($"notifyorleans.ingress.8.{i}", "notifyorleans.ingress.8", "1");
        }
        await channel.ExchangeBindAsync("notifyorleans.ingress.8", "notifyorleans.ingress", "");
        await channel.ExchangeBindAsync("notifyorleans.ingress", "notifications", "#");
        await _publisher.PublishAsync(users: 40, first: 0, count: 10);

        await using var silo = await IngressSilo.StartAsync(_address);
        await _publisher.PublishAsync(users: 40, first: 10, count: 10);
        await silo.DeliveredAsync(800);
        await silo.HealthyAsync();

        AssertOrder(silo, users: 40, count: 20);
        Assert.Equal(800, silo.Router.Deliveries.Count);
        // The way from before is taken away when its queues are empty, and the management shows it a moment later.
        await Wait.Until(
            async () => (await broker.Management.GetBindingsAsync(Vhost)).Count(binding => binding is { Source: "notifyorleans.ingress" }) == 1,
            "one way from the entry"
        );
    }

    [Fact]
    public async Task PartitionQueue_ExistsWithOtherArguments_IsNamedInHealth()
    {
        await _publisher.Channel.QueueDeclareAsync("notifyorleans.ingress.8.3", durable: true, exclusive: false, autoDelete: false);

        await using var silo = await IngressSilo.StartAsync(_address);

        await silo.HealthAsync(HealthStatus.Unhealthy, "inequivalent arg 'x-single-active-consumer' for queue 'notifyorleans.ingress.8.3'");
        await broker.Management.DeleteQueueAsync("notifyorleans.ingress.8.3", Vhost);
        await silo.HealthyAsync();
    }

    [Fact]
    public async Task Connections_ClosedByName_ComeBack()
    {
        await using var silo = await IngressSilo.StartAsync(_address);
        await silo.HealthyAsync();

        Assert.Equal(2, await broker.Management.CloseConnectionsAsync($"notifyorleans silo {Environment.MachineName}-{Environment.ProcessId}"));
        await Wait.Until(() => silo.Logs.Count(1002) == 2, "both losses to be noticed");
        await silo.HealthyAsync();

        await _publisher.PublishAsync("user.alice", "1");
        await silo.DeliveredAsync(1);
    }

    [Fact]
    public async Task User_WithTheDocumentedPermissions_IsEnough()
    {
        var address = await broker.CreateDocumentedUserAsync(Vhost, source: "notifications");
        await _publisher.Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);

        await using var silo = await IngressSilo.StartAsync(address, development: false);
        await silo.HealthyAsync();

        await _publisher.PublishAsync("user.alice", "1");
        await silo.DeliveredAsync(1);
        await silo.DeadLetters.PublishAsync(silo.Router.Deliveries[0], "unroutable", CancellationToken.None);
        Assert.Equal(
            new RedriveResult(1, 0, Fault: null),
            await silo.DeadLetterQueue.RedriveAsync(new DeadLetterSelection(null, null, null, null), limit: 1, CancellationToken.None)
        );
        await silo.DeliveredAsync(2);
    }

    internal static int NumberOf(RabbitMqDelivery delivery) =>
        int.Parse(Encoding.UTF8.GetString(delivery.Body), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Every user has every message once, in order, repeats left out.</summary>
    internal static void AssertOrder(IngressSilo silo, int users, int count) => AssertOrder(silo.Router.Deliveries, users, count);

    /// <inheritdoc cref="AssertOrder(IngressSilo, int, int)"/>
    internal static void AssertOrder(IEnumerable<RabbitMqDelivery> deliveries, int users, int count)
    {
        var byUser = deliveries.GroupBy(delivery => delivery.RoutingKey).ToDictionary(group => group.Key, group => group.Select(NumberOf).Distinct().ToList());
        Assert.Equal(users, byUser.Count);
        Assert.All(byUser.Values, numbers => Assert.Equal(Enumerable.Range(0, count), numbers));
    }

    private async Task<IReadOnlyList<string>> OursAsync() =>
        [
            .. (await broker.Management.GetExchangesAsync(Vhost))
                .Select(exchange => exchange.Name)
                .Where(name => name.StartsWith("notifyorleans.", StringComparison.Ordinal))
                .Order(StringComparer.Ordinal),
        ];
}
