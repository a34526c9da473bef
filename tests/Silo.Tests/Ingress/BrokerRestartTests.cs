using System.Collections.Concurrent;
using System.Diagnostics;
using NotifyOrleans.Silo.Tests.Ingress.Topology;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;
using Xunit.Abstractions;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>
/// The broker is killed, and starts again with what was in its queues while publishers go on at once: order per routing key, nothing lost, each repeat flagged.
/// </summary>
public sealed class BrokerRestartTests(RabbitMqBroker broker, ITestOutputHelper output) : IClassFixture<RabbitMqBroker>, IAsyncLifetime
{
    private const int Users = 200;

    private readonly ConcurrentQueue<RabbitMqDelivery> _deliveries = new();
    private Uri _address = null!;
    private SteadyPublisher _publisher = null!;

    public async Task InitializeAsync()
    {
        _address = await broker.CreateVhostAsync();
        await using var publisher = await Publisher.ConnectAsync(_address);
        await publisher.Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        // From the silo's first start on nothing is lost.
        await using (var silo = await StartSiloAsync())
            await silo.HealthyAsync();
        _publisher = new SteadyPublisher(_address, Users);
        _publisher.Start();
    }

    public async Task DisposeAsync() => await _publisher.DisposeAsync();

    [Fact]
    public async Task KilledTwiceWithMessagesInAllQueues_TwoSilosComeBack_OrderHolds()
    {
        await _publisher.MoreAsync(20);
        for (var partition = 0; partition < 8; partition++)
            Assert.NotEqual(0u, await CountAsync($"notifyorleans.ingress.8.{partition}"));
        await RestartAsync();
        await _publisher.MoreAsync(10);
        Assert.Equal(
            (0u, true),
            (await CountAsync("notifyorleans.ingress.detour.waiting"), await CountAsync("notifyorleans.ingress.direct.waiting") >= Users * 10)
        );
        await RestartAsync();
        await _publisher.MoreAsync(10);

        await using var one = await StartSiloAsync();
        await using var two = await StartSiloAsync();
        await _publisher.MoreAsync(10);

        await AllInOrderAsync(one, two);
    }

    [Fact]
    public async Task KilledWhileWhatHadWaitedIsDelivered_OrderHoldsAndKeysKeepTheirQueues()
    {
        IReadOnlyDictionary<string, string> before;
        await using (var silo = await StartSiloAsync())
            before = await QueueByKeyAsync(silo);
        // Only with the broker away: what is left in a partition queue is older, and would be held back before the way opens.
        await RestartAsync(whileAway: _publisher.Start);
        await _publisher.MoreAsync(5);
        await using (var holding = await StartSiloAsync(holdsBack: true))
        {
            await Wait.Until(() => holding.Logs.Count(1105) == 1, "the way to be open again");
            await _publisher.MoreAsync(5);
            // Oldest first: what had waited, the partition queues, and what waits after the next start.
            Assert.NotEqual(0u, await CountAsync("notifyorleans.ingress.8.3"));
            await broker.SyncDeclarationsAsync();
            await broker.KillAsync();
        }
        await broker.StartAsync();
        await _publisher.MoreAsync(5);
        Assert.NotEqual(0u, await CountAsync("notifyorleans.ingress.direct.waiting"));
        Assert.NotEqual(0u, await CountAsync("notifyorleans.ingress.detour.waiting"));

        await using var last = await StartSiloAsync();
        await AllInOrderAsync(last);

        _publisher.Start();
        Assert.Equal(before, await QueueByKeyAsync(last));
    }

    [Fact]
    public async Task KilledWithNothingWaiting_SiloTakesMessagesAtOnce()
    {
        await using var silo = await StartSiloAsync();
        await _publisher.MoreAsync(5);
        await AllInOrderAsync(silo);

        await RestartAsync();
        var started = Stopwatch.GetTimestamp();
        await using var publisher = await Publisher.ConnectAsync(_address);
        await publisher.PublishAsync("user.0", $"{_publisher.Rounds}");
        var before = _deliveries.Count;
        await silo.DeliveredAsync(before + 1);
        output.WriteLine($"delivered {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms after the broker had started");
        await Wait.Until(
            () => silo.Queues.All(queue => queue is { State: QueueState.Consuming, Detail: "" }),
            () => $"all partitions to be consumed; {string.Join(", ", silo.Queues)}"
        );
        output.WriteLine($"all partitions consumed after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
    }

    private Task<IngressSilo> StartSiloAsync(bool holdsBack = false) =>
        IngressSilo.StartAsync(_address, router: router => (router.Log, router.HoldsBack) = (_deliveries, holdsBack));

    /// <summary>Which queue each key is led to when nothing waits elsewhere.</summary>
    private async Task<IReadOnlyDictionary<string, string>> QueueByKeyAsync(IngressSilo silo)
    {
        await silo.HealthyAsync();
        await _publisher.MoreAsync(2);
        await AllInOrderAsync(silo);
        return _deliveries.GroupBy(delivery => delivery.RoutingKey).ToDictionary(key => key.Key, key => key.Last().Queue);
    }

    private async Task RestartAsync(Action? whileAway = null)
    {
        await broker.SyncDeclarationsAsync();
        await broker.KillAsync();
        whileAway?.Invoke();
        await broker.StartAsync();
    }

    private async Task<uint> CountAsync(string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = _address }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        return await channel.MessageCountAsync(queue);
    }

    /// <summary>Ends publishing, and waits until everything is delivered.</summary>
    private async Task AllInOrderAsync(params IngressSilo[] silos)
    {
        await _publisher.StopAsync();
        var expected = Users * _publisher.Rounds;
        var distinct = 0;
        await Wait.Until(
            () => (distinct = _deliveries.Select(delivery => (delivery.RoutingKey, TopologyTests.NumberOf(delivery))).Distinct().Count()) == expected,
            () => $"{expected} messages, there are {distinct}; {string.Join(", ", silos.SelectMany(silo => silo.Queues))}",
            TimeSpan.FromSeconds(60)
        );
        foreach (var silo in silos)
            await silo.HealthyAsync();
        TopologyTests.AssertOrder(_deliveries, Users, _publisher.Rounds);
        foreach (var message in _deliveries.GroupBy(delivery => (delivery.RoutingKey, Number: TopologyTests.NumberOf(delivery))))
        {
            var unflagged = message.Count(delivery => !delivery.Redelivered);
            Assert.True(
                unflagged <= _publisher.AttemptsAt(message.Key.Number),
                $"{message.Key} came {unflagged} times as if it were new, and was published {_publisher.AttemptsAt(message.Key.Number)} times"
            );
        }
        output.WriteLine($"{expected} messages, {_deliveries.Count} deliveries, {_deliveries.Count(delivery => delivery.Redelivered)} flagged as repeats");
    }
}
