using System.Net;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Health;
using NotifyOrleans.Testing.Metrics;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>
/// A silo or an edge of a <see cref="RunningSystem"/>: a process that can be ended, paused and started again, on the same ports and with the same data.
/// </summary>
/// <param name="project">Its project, such as <c>Silo</c>.</param>
/// <param name="name">Names it in failures, such as <c>silo 1</c>.</param>
/// <param name="address">Where it answers by HTTP.</param>
/// <param name="settings">Its environment, asked for at each start.</param>
/// <param name="outputFile">Of all its starts.</param>
public sealed class RunningNode(string project, string name, Uri address, Func<Dictionary<string, string?>> settings, string outputFile) : IAsyncDisposable
{
    private NodeProcess? _process;

    public string Name => name;

    public Uri Address => address;

    /// <summary>Where STOMP clients connect, if it is an edge.</summary>
    public Uri StompAddress => new($"ws://{address.Authority}/ws");

    /// <summary>Its process id, of its last start.</summary>
    public int Id => _process!.Id;

    /// <summary>Of its last start, when it has ended.</summary>
    public int ExitCode => _process!.ExitCode;

    public bool IsRunning => _process is { HasExited: false };

    public string Output => _process?.Output ?? "";

    public void Start()
    {
        var environment = settings();
        environment["ASPNETCORE_URLS"] = address.ToString();
        _process = NodeProcess.StartProject(project, environment, outputFile);
    }

    /// <summary>Waits until it says that it is ready.</summary>
    public Task ReadyAsync() => WaitForAsync(async () => (await ReadinessAsync()).IsReady, "it to be ready", TimeSpan.FromSeconds(90));

    /// <summary>Waits until it says that it is not ready because of a check, with a text in that check's reason.</summary>
    public Task NotReadyAsync(string check, string reason = "") =>
        WaitForAsync(
            async () =>
                await ReadinessAsync() is { Code: HttpStatusCode.ServiceUnavailable } readiness
                && readiness.CheckOf(check) is var said and not ("" or "ok")
                && said.Contains(reason, StringComparison.OrdinalIgnoreCase),
            $"it to say that it is not ready because of {check}: {reason}",
            TimeSpan.FromSeconds(60)
        );

    /// <summary>Waits for a condition that needs it; fails at once when it has ended.</summary>
    public Task WaitForAsync(Func<Task<bool>> condition, string what, TimeSpan? timeout = null) =>
        _process!.WaitForAsync(condition, $"{name}: {what}", timeout);

    public Task<Readiness> ReadinessAsync() => Readiness.OfAsync(address);

    /// <summary>Its metrics as they are now.</summary>
    public Task<Scrape> ScrapeAsync() => Scrape.OfAsync(address);

    /// <inheritdoc cref="Scrape.Sum"/>
    public async Task<double> MetricAsync(string metric, string label = "") => (await ScrapeAsync()).Sum(metric, label);

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGTERM; completes when it has ended.</summary>
    public Task TerminateAsync(TimeSpan? timeout = null) => _process!.TerminateAsync(timeout);

    /// <summary>SIGSTOP: it stands still, with its sockets open, until <see cref="Resume"/>.</summary>
    public void Pause() => _process!.Pause();

    /// <summary>SIGCONT.</summary>
    public void Resume() => _process!.Resume();

    /// <summary>Waits until it has ended by itself.</summary>
    public Task EndedAsync(string why) => Wait.Until(() => !IsRunning, () => $"{name} to end: {why}");

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
    }
}
