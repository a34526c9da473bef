using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Silo.Tests.Ingress.Topology;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>A broker without the plugin, that is away, and that has no memory left.</summary>
public sealed class BrokerFaultTests : IAsyncLifetime
{
    private readonly RabbitMqBroker _broker = RabbitMqBroker.NotStarted(options => options.WithoutPlugins.Add("rabbitmq_consistent_hash_exchange"));

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _broker.DisposeAsync();

    [Fact]
    public async Task Broker_AwayAtStartAndWithoutThePlugin_OneQueueIsUsedAndItIsSaid()
    {
        await using var silo = await IngressSilo.StartAsync(_broker.Uri, router: router => router.IsReal = true);
        await silo.HealthAsync(HealthStatus.Unhealthy, "no connection to 127.0.0.1");

        await _broker.StartAsync();
        await silo.HealthAsync(HealthStatus.Degraded, "one queue in place of 8, as the broker lacks the plugin rabbitmq_consistent_hash_exchange");
        await using (var publisher = await Publisher.ConnectAsync(_broker.Uri))
        {
            await publisher.PublishAsync(users: 50, first: 0, count: 4);
            await silo.DeliveredAsync(200);
        }
        TopologyTests.AssertOrder(silo, users: 50, count: 4);
        Assert.Equal(1, silo.Logs.Count(1102));
        Assert.Equal(
            ["notifyorleans.dead-letters", "notifyorleans.ingress.1.0", "notifyorleans.ingress.detour.waiting", "notifyorleans.ingress.direct.waiting"],
            (await _broker.Management.GetQueuesAsync()).Select(queue => queue.Name).Order(StringComparer.Ordinal)
        );

        await _broker.KillAsync();
        await silo.HealthAsync(HealthStatus.Unhealthy, "no connection to 127.0.0.1");
        await _broker.StartAsync();
        await silo.HealthAsync(HealthStatus.Degraded, "one queue");

        // Dead letters wait for the end of a memory alarm.
        await using var reader = await Publisher.ConnectAsync(_broker.Uri);
        var poison = silo.Router.Deliveries[0];
        await silo.DeadLetters.PublishAsync(poison, "unroutable", CancellationToken.None);
        await _broker.ControlAsync("set_vm_memory_high_watermark", "0.00001");
        var waiting = silo.DeadLetters.PublishAsync(poison, "unroutable", CancellationToken.None);
        await Wait.Until(() => silo.Logs.Count(1003) == 1, "the alarm to be logged");
        Assert.False(waiting.IsCompletedSuccessfully);
        await silo.HealthAsync(HealthStatus.Degraded, "the broker takes no messages");
        await _broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
        await Wait.Until(() => silo.Logs.Count(1004) == 1, "the end of the alarm to be logged");
        await Wait.Until(async () => await reader.Channel.MessageCountAsync("notifyorleans.dead-letters") == 2, "the dead letter after the alarm");
        await _broker.StopAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => silo.DeadLetters.PublishAsync(poison, "unroutable", CancellationToken.None));
    }
}
