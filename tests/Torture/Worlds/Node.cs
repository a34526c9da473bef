using System.Net;
using NotifyOrleans.Testing.Network;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.Torture.Worlds;

/// <summary>A silo or an edge: a process that can be ended and started again, on the same ports and with the same data.</summary>
public sealed class Node(string name, string project, Uri address, string logFile, IReadOnlyDictionary<string, string?> environment) : IAsyncDisposable
{
    private static readonly HttpClient Http = new() { Timeout = TimeSpan.FromSeconds(2) };
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(120);

    private NodeProcess? _process;

    public string Name => name;

    /// <summary>Where it answers by HTTP, past all proxies.</summary>
    public Uri Address => address;

    public string LogFile => logFile;

    /// <summary>Between it and the broker; null without proxies.</summary>
    public FaultProxy? BrokerProxy { get; init; }

    /// <summary>Between it and PostgreSQL (silos), or between clients and it (edges); null when there is none.</summary>
    public FaultProxy? OtherProxy { get; init; }

    /// <summary>How often it ended when nobody had ended it.</summary>
    public int Crashes { get; private set; }

    public void Start()
    {
        CountCrash();
        _process = NodeProcess.StartProject(project, environment, logFile);
    }

    /// <summary>SIGKILL.</summary>
    public async Task KillAsync()
    {
        CountCrash();
        if (_process is not null)
            await _process.DisposeAsync();
        _process = null;
    }

    /// <summary>SIGTERM; completes when the process has ended.</summary>
    public async Task TerminateAsync(TimeSpan timeout)
    {
        CountCrash();
        if (_process is null)
            return;
        await _process.TerminateAsync(timeout);
        await _process.DisposeAsync();
        _process = null;
    }

    public void Pause() => _process?.Pause();

    public void Resume() => _process?.Resume();

    public async Task<bool> IsReadyAsync() => await HealthAsync() is "";

    /// <summary>What its readiness says; empty when it is ready.</summary>
    public async Task<string> HealthAsync()
    {
        try
        {
            using var answer = await Http.GetAsync(new Uri(address, "health/ready"));
            return answer.StatusCode == HttpStatusCode.OK ? "" : await answer.Content.ReadAsStringAsync();
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return exception.Message;
        }
    }

    public Task ReadyAsync() => _process!.WaitForAsync(IsReadyAsync, $"{name} to be ready", ReadyTimeout);

    /// <summary>Takes note when it ended by itself.</summary>
    public void CountCrash()
    {
        if (_process is not { HasExited: true })
            return;
        Crashes++;
        _process = null;
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
            await _process.DisposeAsync();
        if (BrokerProxy is not null)
            await BrokerProxy.DisposeAsync();
        if (OtherProxy is not null)
            await OtherProxy.DisposeAsync();
    }
}
