using NotifyOrleans.Testing;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>A test with one real silo and one edge that it plays.</summary>
public abstract class SiloWithEdge : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();

    internal TestSilo Silo { get; private set; } = null!;

    internal ScriptedEdge Edge { get; private set; } = null!;

    public async Task InitializeAsync()
    {
        Silo = await StartSiloAsync(_folder.Path);
        Edge = await ScriptedEdge.StartAsync(Silo);
    }

    public async Task DisposeAsync()
    {
        await StopAsync();
        _folder.Dispose();
    }

    /// <summary>Starts the silo; with settings of the test's own, where it needs some.</summary>
    internal virtual Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder);

    /// <summary>Another silo on the same outbox, and another edge.</summary>
    protected Task RestartAsync() => RestartAsync(StartSiloAsync);

    internal async Task RestartAsync(Func<string, Task<TestSilo>> start)
    {
        await StopAsync();
        Silo = await start(_folder.Path);
        Edge = await ScriptedEdge.StartAsync(Silo);
    }

    protected Task SettledAsync(ulong tag) => Wait.Until(() => Silo.Settled.Contains(tag), $"delivery {tag} to be settled");

    private async Task StopAsync()
    {
        await Edge.DisposeAsync();
        await Silo.DisposeAsync();
    }
}
