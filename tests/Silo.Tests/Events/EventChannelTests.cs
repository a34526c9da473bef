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
            new BrokerAddress(configuration),
            Options.Create(Both),
            _time,
            NullLogger<BrokerConnection>.Instance,
            NullLogger<EventChannel>.Instance
        );
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
        await BindAsync("mine", "user.*.*");
        var keys = Enumerable.Range(0, 500).Select(number => $"user.{number}.online").ToArray();

        await _channel.PublishAsync([.. keys.Select(key => new EventMessage("notify.presence", key, new BasicProperties(), []))], default);

        Assert.Equal(keys, await TakeAsync("mine"));
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
            "the exchange to be made again"
        );

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
        using var events = NewEvents();
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

    [Fact]
    public async Task Presence_OfWhichTheBrokerTakesAPart_ItAloneIsRepeated_InOrderForEachUser()
    {
        await _channel.PublishAsync([], default);
        await BindAsync("full", "user.alice.online", new Dictionary<string, object?> { ["x-max-length"] = 1, ["x-overflow"] = "reject-publish" });
        await BindAsync("alice", "user.alice.*");
        await BindAsync("bob", "user.bob.*");
        await _other.PublishAsync("user.alice.online", "fills the queue", "notify.presence");
        await _other.Channel.QueuePurgeAsync("alice");
        using var events = NewEvents();
        // Before it begins, so that they are published together.
        events.Publish(new PresenceEvent("alice", IsOnline: true, At: default));
        events.Publish(new PresenceEvent("bob", IsOnline: true, At: default));
        events.Publish(new PresenceEvent("alice", IsOnline: false, At: default));
        await events.StartAsync(default);

        // The broker refuses the first for one of its queues, and repeats show in the other.
        List<string> alice = [];
        await RepeatUntilAsync(() => alice.Count >= 3, "alice's first event to be repeated");
        Assert.All(alice, key => Assert.Equal("user.alice.online", key));
        await _other.Channel.QueuePurgeAsync("full");
        await RepeatUntilAsync(() => alice[^1] == "user.alice.offline", "alice's second event");
        await events.StopAsync(default);

        alice.AddRange(await TakeAsync("alice"));
        Assert.Equal("user.alice.offline", Assert.Single(alice, key => key != "user.alice.online"));
        Assert.Equal("user.alice.offline", alice[^1]);
        Assert.Equal(["user.bob.online"], await TakeAsync("bob"));

        Task RepeatUntilAsync(Func<bool> condition, string what) =>
            Wait.Until(
                async () =>
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    alice.AddRange(await TakeAsync("alice"));
                    return condition();
                },
                what
            );
    }

    private async Task BindAsync(string queue, string pattern, Dictionary<string, object?>? arguments = null)
    {
        await _other.Channel.QueueDeclareAsync(queue, exclusive: false, arguments: arguments);
        await _other.Channel.QueueBindAsync(queue, "notify.presence", pattern);
    }

    /// <summary>The keys of what is in a queue.</summary>
    private async Task<List<string>> TakeAsync(string queue)
    {
        List<string> keys = [];
        while (await _other.Channel.BasicGetAsync(queue, autoAck: true) is { } message)
            keys.Add(message.RoutingKey);
        return keys;
    }

    private UserEvents NewEvents()
    {
        var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        return new UserEvents(
            _channel,
            Options.Create(Both),
            ActivatorUtilities.CreateInstance<UserEventMetrics>(services),
            _time,
            NullLogger<UserEvents>.Instance
        );
    }
}
