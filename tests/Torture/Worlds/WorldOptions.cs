namespace NotifyOrleans.Torture.Worlds;

/// <summary>Which processes there are.</summary>
public sealed record WorldOptions
{
    /// <summary>One silo has RocksDB, more have PostgreSQL.</summary>
    public int Silos { get; init; } = 2;

    public int Edges { get; init; } = 2;

    public bool HasDatabase => Silos > 1;

    /// <summary>Whether all connections, other than those among silos and edges, lead through proxies that faults can use.</summary>
    public bool HasProxies { get; init; } = true;

    /// <summary>Whether silos and edges can be cut off from each other: the run is in a network of its own.</summary>
    public bool HasPrivateNetwork { get; init; } = PrivateNetwork.IsEntered;

    /// <summary>Further settings of the edges, as environment variables.</summary>
    public IReadOnlyDictionary<string, string?> EdgeSettings { get; init; } = new Dictionary<string, string?>();

    /// <summary>Where logs go and stay; null for a temporary folder.</summary>
    public string? Folder { get; init; }
}
