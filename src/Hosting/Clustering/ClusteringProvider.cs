namespace NotifyOrleans.Hosting.Clustering;

/// <summary>How silos and edges find each other.</summary>
public enum ClusteringProvider
{
    /// <summary>One silo, and edges on the same machine.</summary>
    Localhost,

    /// <summary>A membership table in the PostgreSQL database of <c>ConnectionStrings:Cluster</c>.</summary>
    PostgreSql,

    /// <summary>A membership table in the Redis of <c>ConnectionStrings:Cluster</c>.</summary>
    Redis,
}
