using NotifyOrleans.Testing.Network;
using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Faults;

/// <summary>One way that leads through a proxy.</summary>
/// <param name="Kind">Of the node at one end.</param>
/// <param name="Index">Which one, from 0.</param>
/// <param name="IsToBroker">To the broker; else from clients (edges), or to the database (silos).</param>
public sealed record NetworkLink(NodeKind Kind, int Index, bool IsToBroker)
{
    public override string ToString() =>
        (Kind, IsToBroker) switch
        {
            (_, true) => $"{Kind.Noun()} {Index + 1} to broker",
            (NodeKind.Edge, _) => $"clients to edge {Index + 1}",
            _ => $"silo {Index + 1} to database",
        };

    internal FaultProxy Find(World world)
    {
        var node = Kind.Find(world, Index);
        return (IsToBroker ? node.BrokerProxy : node.OtherProxy) ?? throw new InvalidOperationException($"There is no proxy from {this}");
    }
}
