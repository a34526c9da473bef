using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>A fixture, or a test, with a scripted silo and an edge that is linked to it. There is no broker.</summary>
public abstract class EdgeAtSilo : IAsyncLifetime
{
    private ScriptedSilo? _silo;
    private EdgeProcess? _edge;

    public ScriptedSilo Silo => _silo!;

    public EdgeProcess Edge => _edge!;

    /// <summary>Of the edge's web server.</summary>
    protected int WebPort { get; } = FreePort.Next();

    /// <summary>What the edge is started with, by their names in the environment.</summary>
    protected abstract IEnumerable<(string Name, string Value)> Settings { get; }

    public virtual async Task InitializeAsync()
    {
        _silo = await ScriptedSilo.StartNewAsync();
        _edge = await EdgeProcess.StartAsync(_silo.GatewayPort, port: WebPort, settings: [.. Settings]);
        await _edge.WaitForLinkAsync();
    }

    public virtual async Task DisposeAsync()
    {
        if (_edge is not null)
            await _edge.DisposeAsync();
        if (_silo is not null)
            await _silo.DisposeAsync();
    }
}
