using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Network;
using NotifyOrleans.Testing.PostgreSql;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Torture.Worlds;

/// <summary>The product and what it needs, as real processes on this machine: a broker, silos, edges, and with several silos PostgreSQL.</summary>
public sealed class World : IAsyncDisposable
{
    private static readonly TimeSpan SuperviseInterval = TimeSpan.FromMilliseconds(250);

    private readonly TemporaryFolder _temporary = new();
    private readonly WorldOptions _options;
    private readonly string _folder;
    private readonly CancellationTokenSource _ending = new();
    private Task _supervising = Task.CompletedTask;

    private World(WorldOptions options)
    {
        _options = options;
        _folder = options.Folder is null ? _temporary.Path : Directory.CreateDirectory(options.Folder).FullName;
        var siloPorts = Ports(options.Silos);
        Database = options.Silos > 1 ? PostgreSqlServer.NotStarted() : null;
        Broker = RabbitMqBroker.NotStarted(broker => broker.Authority = Address(siloPorts[0]));
        var gatewayPorts = Ports(options.Silos);
        Silos = [.. siloPorts.Select((port, index) => Silo(index, port, gatewayPorts[index]))];
        Edges = [.. Ports(options.Edges).Select((port, index) => Edge(index, port, gatewayPorts))];
    }

    public RabbitMqBroker Broker { get; }

    /// <summary>Membership and outbox of several silos; null when there is one, which has RocksDB.</summary>
    public PostgreSqlServer? Database { get; }

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
            await Task.WhenAll(world.Broker.StartAsync(), world.Database?.StartAsync() ?? Task.CompletedTask);
            foreach (var node in world.Nodes)
                await node.StartAsync();
            world._supervising = world.SuperviseAsync();
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
        if (Database is not null && File.Exists(Database.LogFile))
            File.Copy(Database.LogFile, Path.Combine(_folder, "database.log"), overwrite: true);
    }

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        await _supervising;
        foreach (var node in Nodes.Reverse())
            await node.DisposeAsync();
        await Broker.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        _temporary.Dispose();
        _ending.Dispose();
    }

    private async Task SuperviseAsync()
    {
        using var timer = new PeriodicTimer(SuperviseInterval);
        try
        {
            while (await timer.WaitForNextTickAsync(_ending.Token))
            {
                foreach (var node in Nodes)
                    await node.SuperviseAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // It is over.
        }
    }

    private static int[] Ports(int count) => [.. Enumerable.Range(0, count).Select(_ => FreePort.Next())];

    private static Uri Address(int port) => new($"http://127.0.0.1:{port}/");

    private Node Silo(int index, int port, int gatewayPort)
    {
        var broker = Proxy(Broker.AmqpPort);
        var database = Database is null ? null : Proxy(Database.Port);
        var environment = Common(port, broker);
        var clusterPort = FreePort.Next();
        environment["Cluster__SiloPort"] = $"{clusterPort}";
        environment["Cluster__GatewayPort"] = $"{gatewayPort}";
        environment["Authority__Development__SigningKey"] = DevelopmentTokens.Key;
        if (Database is null)
        {
            environment["Outbox__Path"] = _temporary.File("outbox");
        }
        else
        {
            Join(environment, database);
            environment["Cluster__AdvertisedAddress"] = "127.0.0.1";
            environment["Outbox__Provider"] = "PostgreSql";
            environment["ConnectionStrings__Outbox"] = environment["ConnectionStrings__Cluster"];
        }
        return new Node($"silo {index + 1}", "Silo", Address(port), Log($"silo-{index + 1}"), environment)
        {
            BrokerProxy = broker,
            OtherProxy = database,
            ClusterPort = clusterPort,
            GatewayPort = gatewayPort,
        };
    }

    private Node Edge(int index, int port, int[] gatewayPorts)
    {
        var broker = Proxy(Broker.AmqpPort);
        var environment = Common(port, broker);
        if (Database is null)
            environment["Cluster__Gateways__0"] = $"127.0.0.1:{gatewayPorts[0]}";
        else
            Join(environment, proxy: null);
        foreach (var (name, value) in _options.EdgeSettings)
            environment[name] = value;
        return new Node($"edge {index + 1}", "Edge", Address(port), Log($"edge-{index + 1}"), environment) { BrokerProxy = broker, OtherProxy = Proxy(port) };
    }

    private void Join(Dictionary<string, string?> environment, FaultProxy? proxy)
    {
        environment["Cluster__Provider"] = "PostgreSql";
        environment["ConnectionStrings__Cluster"] = Database!.ConnectionString.Replace(
            $"Port={Database.Port}",
            $"Port={proxy?.Port ?? Database.Port}",
            StringComparison.Ordinal
        );
    }

    private Dictionary<string, string?> Common(int port, FaultProxy? broker) =>
        new()
        {
            ["ASPNETCORE_URLS"] = Address(port).ToString(),
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__RabbitMq"] = new UriBuilder(Broker.Uri) { Port = broker?.Port ?? Broker.AmqpPort }.Uri.ToString(),
        };

    private FaultProxy? Proxy(int port) => _options.HasProxies ? new FaultProxy(port) : null;

    private string Log(string name) => Path.Combine(_folder, $"{name}.log");
}
