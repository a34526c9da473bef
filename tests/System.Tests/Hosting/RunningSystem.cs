using System.Net;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>
/// The whole product on one machine as real processes: a broker, a silo, an edge, on free ports and with data of their own. Each can be killed and started again.
/// </summary>
public sealed class RunningSystem : IAsyncLifetime, IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private readonly TemporaryFolder _folder = new();
    private readonly int _siloPort = FreePort.Next();
    private readonly int _edgePort = FreePort.Next();
    private readonly int _clusterPort = FreePort.Next();
    private readonly int _gatewayPort = FreePort.Next();

    /// <summary>The broker; it asks this silo about users that it does not know.</summary>
    public RabbitMqBroker Broker { get; private set; } = null!;

    public NodeProcess Silo { get; private set; } = null!;

    public NodeProcess Edge { get; private set; } = null!;

    public DevelopmentTokens Tokens { get; } = new();

    public Uri SiloAddress => new($"http://127.0.0.1:{_siloPort}/");

    public Uri EdgeAddress => new($"http://127.0.0.1:{_edgePort}/");

    public Uri StompAddress => new($"ws://127.0.0.1:{_edgePort}/ws");

    /// <summary>Where the silo keeps its outbox.</summary>
    public string OutboxFolder { get; init; } = "";

    /// <summary>Off for tests that begin without a broker.</summary>
    public bool StartsBroker { get; init; } = true;

    public async Task InitializeAsync()
    {
        Broker = RabbitMqBroker.NotStarted(options => options.Authority = SiloAddress);
        if (StartsBroker)
            await Broker.StartAsync();
        StartSilo();
        StartEdge();
        if (StartsBroker)
            await ReadyAsync();
    }

    public void StartSilo() => Silo = NodeProcess.StartProject(
        "Silo",
        new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = SiloAddress.ToString(),
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__RabbitMq"] = Broker.Uri.ToString(),
            ["Cluster__SiloPort"] = $"{_clusterPort}",
            ["Cluster__GatewayPort"] = $"{_gatewayPort}",
            ["Outbox__Path"] = OutboxFolder.Length > 0 ? OutboxFolder : _folder.File("outbox"),
            ["Authority__Development__SigningKey"] = DevelopmentTokens.Key,
        },
        _folder.File("silo.log"));

    public void StartEdge() => Edge = NodeProcess.StartProject(
        "Edge",
        new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = EdgeAddress.ToString(),
            ["ASPNETCORE_ENVIRONMENT"] = "Development",
            ["ConnectionStrings__RabbitMq"] = Broker.Uri.ToString(),
            ["Cluster__Gateways__0"] = $"127.0.0.1:{_gatewayPort}",
        },
        _folder.File("edge.log"));

    /// <summary>Waits until silo and edge say that they are ready.</summary>
    public async Task ReadyAsync()
    {
        await Silo.WaitForAsync(() => IsReadyAsync(SiloAddress), "the silo to be ready", TimeSpan.FromSeconds(90));
        await Edge.WaitForAsync(() => IsReadyAsync(EdgeAddress), "the edge to be ready", TimeSpan.FromSeconds(60));
    }

    /// <summary>What <c>/health/ready</c> says, and with which status.</summary>
    public static async Task<(HttpStatusCode Status, string Text)> HealthAsync(Uri node)
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(node, "health/ready"));
            return (answer.StatusCode, await answer.Content.ReadAsStringAsync());
        }
        catch (HttpRequestException)
        {
            return (HttpStatusCode.ServiceUnavailable, "");
        }
    }

    public static async Task<bool> IsReadyAsync(Uri node) => (await HealthAsync(node)).Status == HttpStatusCode.OK;

    /// <summary>A session of a user with a token of his own.</summary>
    public Task<StompClient> ConnectAsync(string user, params string[] roles) => StompClient.ConnectAsync(StompAddress, user, Tokens.For(user, roles));

    public async Task DisposeAsync()
    {
        if (Edge is not null)
            await Edge.DisposeAsync();
        if (Silo is not null)
            await Silo.DisposeAsync();
        if (Broker is not null)
            await Broker.DisposeAsync();
        _folder.Dispose();
    }

    async ValueTask IAsyncDisposable.DisposeAsync() => await DisposeAsync();
}
