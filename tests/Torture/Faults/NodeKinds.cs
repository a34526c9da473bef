using NotifyOrleans.Torture.Worlds;

namespace NotifyOrleans.Torture.Faults;

/// <summary>Finding and naming nodes.</summary>
internal static class NodeKinds
{
    public static Node Find(this NodeKind kind, World world, int index) => (kind == NodeKind.Silo ? world.Silos : world.Edges)[index];

    public static string Noun(this NodeKind kind) => kind == NodeKind.Silo ? "silo" : "edge";
}
