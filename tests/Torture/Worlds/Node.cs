using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Health;
using NotifyOrleans.Testing.Network;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.Torture.Worlds;

/// <summary>A silo or an edge: a process that can be ended and started again, on the same ports and with the same data.</summary>
public sealed class Node(string name, string project, Uri address, string logFile, IReadOnlyDictionary<string, string?> environment) : IAsyncDisposable
{
    private static readonly TimeSpan ReadyTimeout = TimeSpan.FromSeconds(120);

    // What Orleans writes when others have declared the silo dead, as they may when it stood still: it ends itself so as to come back as another.
    private const string ToldDead = "I have been told I am dead";

    /// <summary>Exit code of a process that SIGABRT ended.</summary>
    private const int Aborted = 134;

    private readonly SemaphoreSlim _changing = new(1);
    private readonly List<string> _crashes = [];
    private NodeProcess? _process;

    public string Name => name;

    /// <summary>Where it answers by HTTP, past all proxies.</summary>
    public Uri Address => address;

    public string LogFile => logFile;

    /// <summary>Between it and the broker; null without proxies.</summary>
    public FaultProxy? BrokerProxy { get; init; }

    /// <summary>Between it and PostgreSQL (silos), or between clients and it (edges); null when there is none.</summary>
    public FaultProxy? OtherProxy { get; init; }

    /// <summary>Where other silos reach it; 0 for an edge.</summary>
    public int ClusterPort { get; init; }

    /// <summary>Where edges reach it; 0 for an edge.</summary>
    public int GatewayPort { get; init; }

    /// <summary>Its process; 0 while it does not run.</summary>
    public int ProcessId => _process?.Id ?? 0;

    /// <summary>Each time that it ended when nobody had ended it: its exit code, and the last that it wrote.</summary>
    public IReadOnlyList<string> Crashes => _crashes;

    /// <summary>How often it ended itself because the other silos had taken it for dead.</summary>
    public int Deaths { get; private set; }

    public Task StartAsync() =>
        ChangeAsync(() =>
        {
            _process ??= NodeProcess.StartProject(project, environment, logFile);
            return Task.CompletedTask;
        });

    /// <summary>SIGKILL.</summary>
    public Task KillAsync() =>
        ChangeAsync(async () =>
        {
            Count();
            if (_process is not null)
                await _process.DisposeAsync();
            _process = null;
        });

    /// <summary>SIGTERM; completes when the process has ended.</summary>
    public Task TerminateAsync(TimeSpan timeout) =>
        ChangeAsync(async () =>
        {
            if (_process is null)
                return;
            await _process.TerminateAsync(timeout);
            await _process.DisposeAsync();
            _process = null;
        });

    /// <summary>What a supervisor does: starts it again when it has ended by itself.</summary>
    public Task SuperviseAsync() =>
        ChangeAsync(async () =>
        {
            if (_process is not { HasExited: true } ended)
                return;
            Count();
            await ended.DisposeAsync();
            _process = NodeProcess.StartProject(project, environment, logFile);
        });

    public void Pause() => _process?.Pause();

    public void Resume() => _process?.Resume();

    public Task<Readiness> ReadinessAsync() => Readiness.OfAsync(address);

    public Task ReadyAsync()
    {
        Readiness? last = null;
        return Wait.Until(async () => (last = await ReadinessAsync()).IsReady, () => $"{name} to be ready: {last?.Text}", ReadyTimeout);
    }

    public async ValueTask DisposeAsync()
    {
        await KillAsync();
        if (BrokerProxy is not null)
            await BrokerProxy.DisposeAsync();
        if (OtherProxy is not null)
            await OtherProxy.DisposeAsync();
        _changing.Dispose();
    }

    private void Count()
    {
        if (_process is not { HasExited: true } ended)
            return;
        if (ended.ExitCode == Aborted && ended.Output.Contains(ToldDead, StringComparison.Ordinal))
            Deaths++;
        else
            _crashes.Add($"exit code {ended.ExitCode}, at the end of its log:\n{ended.Tail()}");
    }

    private async Task ChangeAsync(Func<Task> change)
    {
        await _changing.WaitAsync();
        try
        {
            await change();
        }
        finally
        {
            _changing.Release();
        }
    }
}
