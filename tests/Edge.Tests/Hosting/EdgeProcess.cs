using System.Net;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Health;
using NotifyOrleans.Testing.Metrics;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>A real edge, as an operator runs it. An unexpected error in its log fails the test at its end.</summary>
public sealed class EdgeProcess : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly HttpClient _http = new();
    private readonly NodeProcess _process;

    private EdgeProcess(int port, Dictionary<string, string?> settings)
    {
        Port = port;
        settings["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}";
        _http.BaseAddress = new Uri(settings["ASPNETCORE_URLS"]!);
        _process = NodeProcess.StartProject("Edge", settings, _folder.File("edge.log"));
    }

    public int Port { get; }

    public Uri StompAddress => new($"ws://127.0.0.1:{Port}/ws");

    public HttpClient Http => _http;

    public NodeProcess Process => _process;

    /// <summary>Errors in the log that the test provokes.</summary>
    public List<string> ExpectedErrors { get; } = [];

    /// <summary>Starts an edge, and waits until it answers; it may well not be ready.</summary>
    /// <param name="gatewayPort">Of the silo, there or not.</param>
    /// <param name="broker">The broker's address; by default one where nobody listens.</param>
    /// <param name="port">Of its web server; by default a free one.</param>
    /// <param name="settings">Further settings.</param>
    public static async Task<EdgeProcess> StartAsync(int gatewayPort, Uri? broker = null, int? port = null, params (string Name, string Value)[] settings)
    {
        var all = new Dictionary<string, string?>
        {
            ["Cluster__Gateways__0"] = $"127.0.0.1:{gatewayPort}",
            ["ConnectionStrings__RabbitMq"] = broker?.ToString() ?? "amqp://guest:guest@127.0.0.1:1/%2f",
        };
        foreach (var (name, value) in settings)
            all[name] = value;
        var edge = new EdgeProcess(port ?? FreePort.Next(), all);
        await edge._process.WaitForAsync(async () => await edge.StatusOfAsync("/health/live") == HttpStatusCode.OK, "the edge to be live");
        return edge;
    }

    /// <summary>Waits until one part of readiness says so.</summary>
    public Task WaitForCheckAsync(string check, string answer) =>
        _process.WaitForAsync(
            async () => (await Readiness.OfAsync(_http.BaseAddress!)).CheckOf(check).Contains(answer, StringComparison.Ordinal),
            $"check {check} to say '{answer}'"
        );

    public Task WaitForLinkAsync() => WaitForCheckAsync("silos", "ok");

    /// <summary>The status of a path; null while nobody answers.</summary>
    public async Task<HttpStatusCode?> StatusOfAsync(string path)
    {
        try
        {
            using var reply = await _http.GetAsync(path);
            return reply.StatusCode;
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }

    /// <inheritdoc cref="Scrape.Sum"/>
    public async Task<double> MetricAsync(string metric, string label = "") => (await Scrape.OfAsync(_http.BaseAddress!)).Sum(metric, label);

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        var errors = _process
            .Output.Split('\n')
            .Where(line => line.Contains(" fail: ", StringComparison.Ordinal) || line.Contains(" crit: ", StringComparison.Ordinal))
            .Where(line => !ExpectedErrors.Exists(line.Contains))
            .ToArray();
        await _process.DisposeAsync();
        _folder.Dispose();
        Assert.True(errors.Length == 0, $"The edge has logged errors:\n{string.Join('\n', errors)}");
    }
}
