using System.Net;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Health;
using NotifyOrleans.Testing.Metrics;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.Silo.Tests.Hosting;

/// <summary>A silo as an operator starts it: a process, settings in the environment.</summary>
internal sealed class SiloProcess : IAsyncDisposable
{
    private static readonly HttpClient Http = new();

    private SiloProcess(NodeProcess process, int port) => (Process, Address) = (process, $"http://127.0.0.1:{port}");

    public NodeProcess Process { get; }

    public string Address { get; }

    /// <summary>Settings of a silo that starts, on ports of its own, with an issuer and a broker that nobody has to answer for.</summary>
    public static Dictionary<string, string?> Settings(TemporaryFolder folder) =>
        new()
        {
            ["ASPNETCORE_ENVIRONMENT"] = "Production",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["Cluster__SiloPort"] = $"{FreePort.Next()}",
            ["Cluster__GatewayPort"] = $"{FreePort.Next()}",
            ["Outbox__Path"] = folder.File("outbox"),
            ["ConnectionStrings__RabbitMq"] = $"amqp://guest:guest@127.0.0.1:{FreePort.Next()}/%2f",
            ["Authority__Issuers__0__Issuer"] = "tests",
            ["Authority__Issuers__0__Audience"] = "tests",
            ["Authority__Issuers__0__SigningKey"] = new string('k', 32),
        };

    public static SiloProcess Start(TemporaryFolder folder, Dictionary<string, string?> settings)
    {
        var process = NodeProcess.StartProject("Silo", settings, folder.File($"silo-{Guid.NewGuid():N}.log"));
        return new SiloProcess(process, new Uri(settings["ASPNETCORE_URLS"]!.Split(';')[0]).Port);
    }

    /// <summary>Waits until it answers and is a member of its cluster.</summary>
    public async Task WaitForLifeAsync()
    {
        await WaitForAnswerAsync();
        await WaitForCheckAsync("cluster", check => check == "ok");
    }

    /// <summary>Waits until it answers.</summary>
    public Task WaitForAnswerAsync() =>
        Process.WaitForAsync(
            async () =>
            {
                try
                {
                    return (await Http.GetAsync($"{Address}/health/live")).StatusCode == HttpStatusCode.OK;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            },
            "the silo to answer /health/live"
        );

    /// <summary>Waits until a check says something.</summary>
    public async Task WaitForCheckAsync(string check, Func<string, bool> says)
    {
        var last = "";
        await Process.WaitForAsync(
            async () =>
            {
                last = (await ReadinessAsync()).CheckOf(check);
                return says(last);
            },
            $"another state of '{check}' than '{last}'"
        );
    }

    public Task<Readiness> ReadinessAsync() => Readiness.OfAsync(new Uri(Address));

    /// <inheritdoc cref="Scrape.Sum"/>
    public async Task<double> MetricAsync(string metric, string label = "") => (await Scrape.OfAsync(new Uri(Address))).Sum(metric, label);

    public Task<string> GetAsync(string path) => Http.GetStringAsync(Address + path);

    /// <summary>Waits until it has ended by itself.</summary>
    public Task WaitForEndAsync() => Wait.Until(() => Process.HasExited, () => $"the silo to refuse its settings\n{Process.Output}");

    public ValueTask DisposeAsync() => Process.DisposeAsync();
}
