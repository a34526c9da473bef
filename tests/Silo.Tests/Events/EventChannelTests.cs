using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Silo.Events;
using NotifyOrleans.Silo.Tests.Ingress;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.Events;

/// <summary>Events on their way to a real broker.</summary>
[Collection(BrokerCollection.Name)]
public sealed class EventChannelTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private static readonly EventsOptions Both = new()
    {
        Undelivered = new UndeliveredOptions { After = TimeSpan.FromMinutes(1) },
        Presence = new PresenceOptions { Enabled = true },
    };

    private readonly FakeTimeProvider _time = new();
    private Publisher _other = null!;
    private EventChannel _channel = null!;

    public async Task InitializeAsync()
    {
        var vhost = await broker.CreateVhostAsync();
        _other = await Publisher.ConnectAsync(vhost);
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:RabbitMq", vhost.ToString())]).Build();
        _channel = new EventChannel(
            new BrokerAddress(configuration), Options.Create(Both), _time, NullLogger<BrokerConnection>.Instance, NullLogger<EventChannel>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _other.DisposeAsync();
    }

    [Fact]
    public async Task Batch_ArrivesInItsOrder()
    {
        await _channel.PublishAsync([], default);
        await _other.Channel.QueueDeclareAsync("mine", exclusive: false);
        await _other.Channel.QueueBindAsync("mine", "notify.presence", "user.*.*");
        var keys = Enumerable.Range(0, 500).Select(number => $"user.{number}.online").ToArray();

        await _channel.PublishAsync([.. keys.Select(key => new EventMessage("notify.presence", key, new BasicProperties(), []))], default);

        List<string> got = [];
        while (await _other.Channel.BasicGetAsync("mine", autoAck: true) is { } message)
            got.Add(message.RoutingKey);
        Assert.Equal(keys, got);
    }

    [Fact]
    public async Task Exchange_DeletedMeanwhile_IsMadeAgain()
    {
        await _channel.PublishAsync([], default);
        await _other.Channel.ExchangeDeleteAsync("notify.undelivered");
        EventMessage[] message = [new EventMessage("notify.undelivered", "user.1", new BasicProperties(), [])];
        await Assert.ThrowsAnyAsync<Exception>(() => _channel.PublishAsync(message, default));
        Assert.NotNull(_channel.Fault);

        await Wait.Until(
            async () =>
            {
                try
                {
                    await _channel.PublishAsync(message, default);
                    return true;
                }
                catch (IOException)
                {
                    return false;
                }
            },
            "the exchange to be made again");

        Assert.Null(_channel.Fault);
        await _other.Channel.ExchangeDeclarePassiveAsync("notify.undelivered");
    }

    [Fact]
    public async Task Exchange_IsOfAnotherKind_IsSaid()
    {
        await _other.Channel.ExchangeDeclareAsync("notify.presence", ExchangeType.Fanout);

        await Assert.ThrowsAnyAsync<Exception>(() => _channel.PublishAsync([], default));

        Assert.Contains("notify.presence", _channel.Fault);
        // Nothing more was to be told since.
        _time.Advance(TimeSpan.FromMinutes(1));
        Assert.Null(_channel.Fault);
    }

    [Fact]
    public async Task Undelivered_WhileTheBrokerTakesNothing_IsNotSentOnceMore()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        using var events = new UserEvents(_channel, Options.Create(Both), ActivatorUtilities.CreateInstance<UserEventMetrics>(services), _time, NullLogger<UserEvents>.Instance);
        var undelivered = new UndeliveredEvent("42", Messages: 1, Bytes: 1, Dropped: 0, Oldest: default, DueAt: 1);
        await _channel.PublishAsync([], default);
        await broker.ControlAsync("set_vm_memory_high_watermark", "0.00001");
        try
        {
            var first = events.PublishAsync(undelivered, default);
            await Wait.Until(() => _channel.Fault is not null, "the broker to say that it takes nothing");

            await Assert.ThrowsAsync<IOException>(() => events.PublishAsync(undelivered, default).WaitAsync(Wait.DefaultTimeout));

            Assert.Contains("takes no messages", _channel.Fault);
            await broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
            await first;
        }
        finally
        {
            await broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
        }
    }
}
