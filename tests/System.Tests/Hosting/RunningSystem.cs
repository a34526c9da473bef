using NotifyOrleans.Testing;
using NotifyOrleans.Testing.PostgreSql;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>
/// The whole product on one machine as real processes: a broker, silos, edges, and with several silos PostgreSQL, on free ports and with data of their own.
/// Each can be killed and started again.
/// </summary>
public sealed class RunningSystem : IAsyncLifetime, IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();

    /// <summary>How many silos. One keeps its outbox in a folder, several share one in PostgreSQL.</summary>
    public int SiloCount { get; init; } = 1;

    public int EdgeCount { get; init; } = 1;

    /// <summary>Where a single silo keeps its outbox.</summary>
    public string OutboxFolder { get; init; } = "";

    /// <summary>Settings of the silos beside those that they need.</summary>
    public Dictionary<string, string?> SiloSettings { get; } = [];

    /// <summary>Settings of the edges beside those that they need.</summary>
    public Dictionary<string, string?> EdgeSettings { get; } = [];

    /// <summary>Off for tests that begin without a broker.</summary>
    public bool StartsBroker { get; init; } = true;

    /// <summary>Whether the broker speaks MQTT too.</summary>
    public bool HasMqtt { get; init; }

    /// <summary>The broker; it asks the first silo about users that it does not know.</summary>
    public RabbitMqBroker Broker { get; private set; } = null!;

    /// <summary>Outbox and membership table of several silos; null with one.</summary>
    public PostgreSqlServer? Database { get; private set; }

    public IReadOnlyList<RunningNode> Silos { get; private set; } = [];

    public IReadOnlyList<RunningNode> Edges { get; private set; } = [];

    /// <summary>The first of the silos.</summary>
    public RunningNode Silo => Silos[0];

    /// <summary>The first of the edges.</summary>
    public RunningNode Edge => Edges[0];

    /// <summary>Where STOMP clients of the first edge connect.</summary>
    public Uri StompAddress => Edge.StompAddress;

    public DevelopmentTokens Tokens { get; } = new();

    private IEnumerable<RunningNode> Nodes => Silos.Concat(Edges);

    public async Task InitializeAsync()
    {
        var gateways = Enumerable.Range(0, SiloCount).Select(_ => FreePort.Next()).ToList();
        Silos = [.. gateways.Select((gateway, index) => CreateSilo(index, gateway))];
        Edges = [.. Enumerable.Range(0, EdgeCount).Select(index => CreateEdge(index, gateways[0]))];
        Broker = RabbitMqBroker.NotStarted(options => (options.Authority, options.HasMqtt) = (Silo.Address, HasMqtt));
        Database = SiloCount > 1 ? PostgreSqlServer.NotStarted() : null;

        await Task.WhenAll(StartsBroker ? Broker.StartAsync() : Task.CompletedTask, Database?.StartAsync() ?? Task.CompletedTask);
        foreach (var node in Nodes)
            node.Start();
        if (StartsBroker)
            await ReadyAsync();
    }

    /// <summary>Waits until all silos and edges say that they are ready.</summary>
    public async Task ReadyAsync()
    {
        foreach (var node in Nodes)
            await node.ReadyAsync();
    }

    /// <summary>A session of a user with a token of his own, at the first edge.</summary>
    public Task<StompClient> ConnectAsync(string user, params string[] roles) => ConnectAsync(Edge, user, roles);

    /// <summary>A session of a user with a token of his own.</summary>
    public Task<StompClient> ConnectAsync(RunningNode edge, string user, params string[] roles) =>
        StompClient.ConnectAsync(edge.StompAddress, user, Tokens.For(user, roles));

    public async Task DisposeAsync()
    {
        foreach (var node in Nodes.Reverse())
            await node.DisposeAsync();
        if (Database is not null)
            await Database.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        _folder.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();

    private RunningNode CreateSilo(int index, int gatewayPort)
    {
        var clusterPort = FreePort.Next();
        return Create("Silo", index, () => new(SiloSettings)
            {
                ["Cluster__SiloPort"] = $"{clusterPort}",
                ["Cluster__GatewayPort"] = $"{gatewayPort}",
                ["Cluster__AdvertisedAddress"] = "127.0.0.1",
                ["Outbox__Provider"] = Database is null ? "RocksDb" : "PostgreSql",
                ["Outbox__Path"] = OutboxFolder.Length > 0 ? OutboxFolder : _folder.File("outbox"),
                ["ConnectionStrings__Outbox"] = Database?.ConnectionString,
                ["Authority__Development__SigningKey"] = DevelopmentTokens.Key,
                ["Authority__BrokerManagement"] = $"http://guest:guest@127.0.0.1:{Broker.ManagementPort}",
            });
    }

    private RunningNode CreateEdge(int index, int gatewayPort) =>
        Create("Edge", index, () => new(EdgeSettings) { ["Cluster__GatewayPort"] = $"{gatewayPort}" });

    private RunningNode Create(string project, int index, Func<Dictionary<string, string?>> own) =>
        new(
            project,
            $"{project.ToLowerInvariant()} {index + 1}",
            new Uri($"http://127.0.0.1:{FreePort.Next()}/"),
            () =>
                new(own())
                {
                    ["ASPNETCORE_ENVIRONMENT"] = "Development",
                    ["ConnectionStrings__RabbitMq"] = Broker.Uri.ToString(),
                    ["Cluster__Provider"] = Database is null ? "Localhost" : "PostgreSql",
                    ["ConnectionStrings__Cluster"] = Database?.ConnectionString,
                },
            _folder.File($"{project}-{index + 1}.log")
        );
}
