namespace NotifyOrleans.Silo.Ingress.Topology;

/// <summary>
/// One of the two ways that messages can take from the entry to the partition queues. One is in use; where it ends short of the queues, as after a start of the
/// broker, messages wait in its waiting queue. Which one is in use is told by <see cref="Direct"/>'s exchange alone: it is, as long as there is such an
/// exchange.
/// </summary>
/// <param name="Name">The last word of its names at the broker.</param>
internal sealed record IngressWay(string Name)
{
    /// <summary>What the entry can route nowhere takes it: the entry's alternate exchange.</summary>
    public static IngressWay Detour { get; } = new("detour");

    /// <summary>What the entry is bound to.</summary>
    public static IngressWay Direct { get; } = new("direct");

    /// <summary>Its exchange (fanout), which the ring is bound to. What it can route nowhere goes to the waiting queue.</summary>
    public string Exchange => $"{PartitionLayout.EntryExchange}.{Name}";

    /// <summary>The waiting queue, and the exchange (fanout) before it.</summary>
    public string Waiting => $"{Exchange}.waiting";

    /// <summary>The way that is not in use while this one is.</summary>
    public IngressWay Other => this == Direct ? Detour : Direct;
}
