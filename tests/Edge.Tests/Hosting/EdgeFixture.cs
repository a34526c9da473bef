using NotifyOrleans.Edge.Tests.Silos;

namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>A scripted silo and an edge that is linked to it, for tests that leave both as they are. There is no broker.</summary>
public sealed class EdgeFixture : IAsyncLifetime
{
    private ScriptedSilo? _silo;
    private EdgeProcess? _edge;

    public ScriptedSilo Silo => _silo!;

    public EdgeProcess Edge => _edge!;

    public async Task InitializeAsync()
    {
        _silo = await ScriptedSilo.StartNewAsync();
        _edge = await EdgeProcess.StartAsync(_silo.GatewayPort, settings: [("Stomp__LoginTimeout", "00:00:06")]);
        await _edge.WaitForLinkAsync();
    }

    public async Task DisposeAsync()
    {
        if (_edge is not null)
            await _edge.DisposeAsync();
        if (_silo is not null)
            await _silo.DisposeAsync();
    }
}
