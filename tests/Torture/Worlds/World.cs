using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Network;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Torture.Worlds;

/// <summary>The product and what it needs, as real processes on this machine: a broker, silos, edges, and with several silos PostgreSQL.</summary>
public sealed class World : IAsyncDisposable
{
    private readonly TemporaryFolder _temporary = new();
    private readonly WorldOptions _options;
    private readonly string _folder;

    private World(WorldOptions options)
    {
        _options = options;
        _folder = options.Folder is null ? _temporary.Path : Directory.CreateDirectory(options.Folder).FullName;
        var siloPorts = Ports(options.Silos);
        Broker = RabbitMqBroker.NotStarted(broker => broker.Authority = Address(siloPorts[0]));
        var gatewayPorts = Ports(options.Silos);
        Silos = [.. siloPorts.Select((port, index) => Silo(index, port, gatewayPorts[index]))];
        Edges = [.. Ports(options.Edges).Select((port, index) => Edge(index, port, gatewayPorts))];
    }

    public RabbitMqBroker Broker { get; }

    public IReadOnlyList<Node> Silos { get; }

    public IReadOnlyList<Node> Edges { get; }

    public IEnumerable<Node> Nodes => Silos.Concat(Edges);

    public DevelopmentTokens Tokens { get; } = new();

    /// <summary>Where clients of an edge connect.</summary>
    public Uri StompAddress(int edge) => new($"ws://127.0.0.1:{Edges[edge].OtherProxy?.Port ?? Edges[edge].Address.Port}/ws");

    public static async Task<World> StartAsync(WorldOptions options)
    {
        var world = new World(options);
        try
        {
            await world.Broker.StartAsync();
            foreach (var node in world.Nodes)
                node.Start();
            await world.ReadyAsync();
            return world;
        }
        catch
        {
            await world.DisposeAsync();
            throw;
        }
    }

    public async Task ReadyAsync()
    {
        foreach (var node in Nodes)
            await node.ReadyAsync();
    }

    /// <summary>Copies what lies elsewhere beside the logs of the nodes.</summary>
    public void KeepLogs()
    {
        if (File.Exists(Broker.LogFile))
            File.Copy(Broker.LogFile, Path.Combine(_folder, "broker.log"), overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var node in Nodes.Reverse())
            await node.DisposeAsync();
        await Broker.DisposeAsync();
        _temporary.Dispose();
    }

    private static int[] Ports(int count) => [.. Enumerable.Range(0, count).Select(_ => FreePort.Next())];

    private static Uri Address(int port) => new($"http://127.0.0.1:{port}/");

    private Node Silo(int index, int port, int gatewayPort)
    {
        var broker = Proxy(Broker.AmqpPort);
        var environment = new Dictionary<string, string?>(Common(port, broker))
        {
            ["Cluster__SiloPort"] = $"{FreePort.Next()}",
            ["Cluster__GatewayPort"] = $"{gatewayPort}",
            ["Outbox__Path"] = _temporary.File("outbox"),
            ["Authority__Development__SigningKey"] = DevelopmentTokens.Key,
        };
        return new Node($"silo {index + 1}", "Silo", Address(port), Log($"silo-{index + 1}"), environment) { BrokerProxy = broker };
    }

    private Node Edge(int index, int port, int[] gatewayPorts)
    {
        var broker = Proxy(Broker.AmqpPort);
        var environment = Common(port, broker);
        for (var gateway = 0; gateway < gatewayPorts.Length; gateway++)
            environment[$"Cluster__Gateways__{gateway}"] = $"127.0.0.1:{gatewayPorts[gateway]}";
        return new Node($"edge {index + 1}", "Edge", Address(port), Log($"edge-{index + 1}"), environment) { BrokerProxy = broker, OtherProxy = Proxy(port) };
    }

    private Dictionary<string, string?> Common(int port, FaultProxy? broker) => new()
    {
        ["ASPNETCORE_URLS"] = Address(port).ToString(),
        ["ASPNETCORE_ENVIRONMENT"] = "Development",
        ["ConnectionStrings__RabbitMq"] = new UriBuilder(Broker.Uri) { Port = broker?.Port ?? Broker.AmqpPort }.Uri.ToString(),
    };

    private FaultProxy? Proxy(int port) => _options.HasProxies ? new FaultProxy(port) : null;

    private string Log(string name) => Path.Combine(_folder, $"{name}.log");
}
