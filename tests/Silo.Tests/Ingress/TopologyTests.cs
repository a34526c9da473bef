using System.Text;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.Ingress;

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
        Assert.Equal(["notifyorleans.dead-letters", .. Enumerable.Range(0, 8).Select(i => $"notifyorleans.ingress.8.{i}")], queues.Select(queue => queue.Name).Order(StringComparer.Ordinal));
        foreach (var queue in queues.Where(queue => queue.Name != "notifyorleans.dead-letters"))
        {
            Assert.Equal(("classic", true), (queue.Type, queue.Durable));
            Assert.True(queue.Arguments.GetProperty("x-single-active-consumer").GetBoolean());
        }
        var bindings = (await broker.Management.GetBindingsAsync(Vhost)).Where(binding => binding.Source.Length > 0).ToList();
        Assert.Equal(8 + 1 + 1 + 1, bindings.Count);
        Assert.Contains(bindings, binding => binding is { Source: "notifications", Destination: "notifyorleans.ingress", RoutingKey: "#" });
        Assert.Contains(bindings, binding => binding is { Source: "notifyorleans.ingress", Destination: "notifyorleans.ingress.8" });
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
        await using var silo = await IngressSilo.StartAsync(_address, new() { ["Ingress:HashHeader"] = "user", ["Ingress:QueueType"] = "Quorum", ["Ingress:Partitions"] = "3" });
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
        Assert.All((await broker.Management.GetQueuesAsync(Vhost)).Where(queue => queue.Name.StartsWith("notifyorleans.ingress.3.quorum.header.", StringComparison.Ordinal)), queue =>
        {
            Assert.Equal("quorum", queue.Type);
            Assert.True(queue.Arguments.GetProperty("x-delivery-limit").GetInt64() >= 1_000_000);
        });
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
        await using var silo = await IngressSilo.StartAsync(_address, new() { ["Ingress:Sources:1:Exchange"] = "shop", ["Ingress:Sources:1:Bindings:0"] = "order.#" });
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
        await Wait.Until(async () => (await broker.Management.GetQueuesAsync(Vhost)).Count(queue => queue.Name.Contains("ingress", StringComparison.Ordinal)) == 2, "both queues again");
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
        var before = await CountAsync();

        foreach (var exchange in (string[])["notifyorleans.ingress", "notifyorleans.ingress.8", "notifyorleans.ingress.detour", "notifyorleans.dead-letters"])
            await broker.Management.DeleteExchangeAsync(exchange, Vhost);
        await Wait.Until(async () => await CountAsync() == before, "all exchanges and bindings again");

        await _publisher.PublishAsync("user.alice", "1");
        await silo.DeliveredAsync(1);
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
        await broker.Management.PutAsync("api/users/ingress", new { password = "secret", tags = "" });
        await broker.Management.PutAsync(
            $"api/permissions/{Uri.EscapeDataString(Vhost)}/ingress",
            new { configure = @"^notifyorleans\..*$", write = @"^notifyorleans\..*$", read = @"^(notifyorleans\..*|notifications)$" });
        await _publisher.Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);

        await using var silo = await IngressSilo.StartAsync(broker.UriOf(Vhost, "ingress", "secret"), development: false);
        await silo.HealthyAsync();

        await _publisher.PublishAsync("user.alice", "1");
        await silo.DeliveredAsync(1);
        await silo.DeadLetters.PublishAsync(silo.Router.Deliveries[0], "unroutable", CancellationToken.None);
    }

    internal static int NumberOf(Streaming.RabbitMQ.RabbitMqDelivery delivery) => int.Parse(Encoding.UTF8.GetString(delivery.Body), System.Globalization.CultureInfo.InvariantCulture);

    /// <summary>Every user has every message once, in order, repeats left out.</summary>
    internal static void AssertOrder(IngressSilo silo, int users, int count)
    {
        var byUser = silo.Router.Deliveries.GroupBy(delivery => delivery.RoutingKey).ToDictionary(group => group.Key, group => group.Select(NumberOf).Distinct().ToList());
        Assert.Equal(users, byUser.Count);
        Assert.All(byUser.Values, numbers => Assert.Equal(Enumerable.Range(0, count), numbers));
    }

    private async Task<(int Exchanges, int Bindings)> CountAsync() =>
        ((await broker.Management.GetExchangesAsync(Vhost)).Count, (await broker.Management.GetBindingsAsync(Vhost)).Count);
}
