namespace NotifyOrleans.Torture.Faults;

/// <summary>An operator closes connections at the broker by their names.</summary>
/// <param name="name">A part of the names.</param>
/// <param name="whose">In the report.</param>
public sealed class BrokerConnectionsClosed(string name, string whose) : IFault
{
    public string Name => "broker connections closed";

    public string Details => whose;

    public async Task StrikeAsync(Scene scene) => await scene.World.Broker.Management.TryCloseConnectionsAsync(name);
}
