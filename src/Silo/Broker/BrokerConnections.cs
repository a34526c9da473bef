using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Broker;

/// <summary>
/// The silo's connections to the broker beside the one that consumes. Dead letters have one of their own, opened with the first: the broker stops reading from
/// a connection that publishes during a memory alarm, with all that is on it.
/// </summary>
internal sealed class BrokerConnections : IAsyncDisposable
{
    // A connection that is half open is noticed within two of these.
    private static readonly TimeSpan HeartBeat = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(5);

    private static readonly string SiloName = $"notifyorleans silo {Environment.MachineName}-{Environment.ProcessId}";

    public BrokerConnections(BrokerAddress broker, TimeProvider time, ILogger<BrokerConnection> logger)
    {
        Topology = new BrokerConnection(FactoryOf(broker), NameOf("topology"), time, logger);
        DeadLetters = new BrokerConnection(FactoryOf(broker), NameOf("dead letters"), time, logger);
    }

    public BrokerConnection Topology { get; }

    public BrokerConnection DeadLetters { get; }

    /// <summary>The name of a connection in the broker's management.</summary>
    public static string NameOf(string purpose) => $"{SiloName} {purpose}";

    public static ConnectionFactory FactoryOf(BrokerAddress broker)
    {
        var factory = broker.CreateFactory();
        factory.RequestedHeartbeat = HeartBeat;
        factory.RequestedConnectionTimeout = ConnectTimeout;
        return factory;
    }

    public async ValueTask DisposeAsync()
    {
        await Topology.DisposeAsync();
        await DeadLetters.DisposeAsync();
    }
}
