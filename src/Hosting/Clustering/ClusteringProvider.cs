namespace NotifyOrleans.Hosting.Clustering;

/// <summary>How silos and edges find each other.</summary>
public enum ClusteringProvider
{
    /// <summary>One silo, and edges on the same machine.</summary>
    Localhost,

    /// <summary>A table in PostgreSQL.</summary>
    PostgreSql,

    /// <summary>Keys in Redis.</summary>
    Redis,
}
