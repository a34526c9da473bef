using System.Globalization;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Faults;

/// <summary>
/// Nothing comes through any more to a silo from its like, or from the edges, and nobody is told; broker and database are still there for everybody.
/// </summary>
/// <param name="kind">Who cannot reach the silo.</param>
/// <param name="index">Which silo, from 0.</param>
/// <param name="span">For how long.</param>
internal sealed class ClusterCut(NodeKind kind, int index, TimeSpan span) : IFault
{
    public string Name => "cluster cut";

    public string Details =>
        string.Create(CultureInfo.InvariantCulture, $"{(kind == NodeKind.Silo ? "other silos" : "edges")} to silo {index + 1}, for {span.TotalSeconds:0.0} s");

    public async Task StrikeAsync(Scene scene)
    {
        var silos = scene.World.Silos;
        // Among silos the one that calls may be either: with two of them, both of their ports lead to the other alone.
        int[] ports = kind == NodeKind.Silo ? [.. silos.Select(silo => silo.ClusterPort)] : [silos[index].GatewayPort];
        foreach (var port in ports)
            await PrivateNetwork.BlockAsync(port);
        await Task.Delay(span);
        foreach (var port in ports)
            await PrivateNetwork.UnblockAsync(port);
    }
}
