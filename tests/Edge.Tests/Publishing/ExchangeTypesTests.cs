using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Publishing;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Tests.Publishing;

/// <summary>Whether an exchange is a topic exchange, asked of a real broker.</summary>
[Collection(BrokerCollection.Name)]
public sealed class ExchangeTypesTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private BrokerConnection _edge = null!;
    private ExchangeTypes _types = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async Task InitializeAsync()
    {
        var vhost = await broker.CreateVhostAsync();
        _connection = await new ConnectionFactory { Uri = vhost }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:RabbitMq", vhost.ToString())]).Build();
        _edge = new BrokerConnection(
            new BrokerAddress(configuration),
            new EdgeIdentity(Options.Create(new LinksOptions())),
            TimeProvider.System,
            NullLogger<BrokerConnection>.Instance
        );
        _types = new ExchangeTypes(_edge, _time, NullLogger<ExchangeTypes>.Instance);
    }

    public async Task DisposeAsync()
    {
        await _edge.StopAsync(CancellationToken.None);
        _edge.Dispose();
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Fact]
    public async Task Answer_IsKeptForSomeSeconds()
    {
        await _edge.StartAsync(CancellationToken.None);
        await _channel.ExchangeDeclareAsync("e", ExchangeType.Direct);
        Assert.True(await _types.IsOtherAsync("e"));
        Assert.False(await _types.IsOtherAsync("amq.topic"));
        Assert.False(await _types.IsOtherAsync("missing"));

        // Whoever asked now would hear something else.
        await _channel.ExchangeDeleteAsync("e");
        await _channel.ExchangeDeclareAsync("e", ExchangeType.Topic);
        await _channel.ExchangeDeclareAsync("missing", ExchangeType.Fanout);
        _time.Advance(TimeSpan.FromSeconds(4.9));
        Assert.True(await _types.IsOtherAsync("e"));
        Assert.False(await _types.IsOtherAsync("missing"));

        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.False(await _types.IsOtherAsync("e"));
        Assert.True(await _types.IsOtherAsync("missing"));
    }

    [Fact]
    public async Task Answer_ThatTheBrokerCouldNotGive_IsNotKept()
    {
        // There is no connection yet, and none comes in time.
        Assert.False(await _types.IsOtherAsync("amq.direct"));
        await _edge.StartAsync(CancellationToken.None);
        await Wait.Until(() => _edge.Fault is null, "the connection");
        Assert.True(await _types.IsOtherAsync("amq.direct"));
    }
}
