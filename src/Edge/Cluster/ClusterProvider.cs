namespace NotifyOrleans.Edge.Cluster;

/// <summary>Where the members of the cluster are listed.</summary>
public enum ClusterProvider
{
    /// <summary>Nowhere: the edge is told the gateways.</summary>
    Localhost,
}
