using System.Text;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>A test with an edge at a virtual host of its own of the real broker, a scripted silo, and a queue with what comes to <c>amq.topic</c>.</summary>
[Collection(BrokerCollection.Name)]
public abstract class EdgeAtBroker(RabbitMqBroker broker) : IAsyncLifetime
{
    /// <summary>The queue.</summary>
    protected const string Got = "got";

    private IConnection _connection = null!;

    internal ScriptedSilo Silo { get; private set; } = null!;

    internal EdgeProcess Edge { get; private set; } = null!;

    protected RabbitMqBroker Broker { get; } = broker;

    protected IChannel Channel { get; private set; } = null!;

    /// <summary>The virtual host's name.</summary>
    protected string Vhost { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        var vhost = await Broker.CreateVhostAsync();
        Vhost = Uri.UnescapeDataString(vhost.AbsolutePath[1..]);
        _connection = await new ConnectionFactory { Uri = vhost }.CreateConnectionAsync();
        Channel = await _connection.CreateChannelAsync();
        await Channel.QueueDeclareAsync(Got, durable: true, exclusive: false, autoDelete: false);
        await Channel.QueueBindAsync(Got, "amq.topic", "#");
        Silo = await ScriptedSilo.StartNewAsync();
        await PrepareAsync();
        Edge = await EdgeProcess.StartAsync(Silo.GatewayPort, vhost, settings: [.. Settings]);
        await Edge.WaitForLinkAsync();
        await Edge.WaitForCheckAsync("broker", "ok");
    }

    public async Task DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
        await Edge.DisposeAsync();
        await Silo.DisposeAsync();
    }

    /// <summary>What the edge is started with, by their names in the environment.</summary>
    protected virtual IEnumerable<(string Name, string Value)> Settings => [];

    /// <summary>What the silo and the broker need before the edge starts.</summary>
    protected virtual Task PrepareAsync() => Task.CompletedTask;

    /// <summary>The next message in the queue, which it takes out.</summary>
    protected async Task<BasicGetResult> GetAsync()
    {
        BasicGetResult? message = null;
        await Wait.Until(async () => (message = await Channel.BasicGetAsync(Got, autoAck: true)) is not null, "a message in the queue");
        return message!;
    }

    protected static string Text(BasicGetResult message) => Encoding.UTF8.GetString(message.Body.Span);
}
