namespace NotifyOrleans.Hosting.Clustering;

/// <summary>Settings of the cluster, configuration section <c>Cluster</c>; silos and edges are given the same.</summary>
public sealed record ClusteringOptions
{
    public const string Section = "Cluster";

    public ClusteringProvider Provider { get; init; } = ClusteringProvider.Localhost;

    /// <summary>Silos and edges of one cluster share it, so that two clusters beside each other never mix. Default <c>notify</c>.</summary>
    public string ClusterId { get; init; } = "notify";

    /// <summary>Stays the same over all versions of the service: what is stored is stored under it. Default <c>notify-orleans</c>.</summary>
    public string ServiceId { get; init; } = "notify-orleans";

    /// <summary>The TCP port where a silo takes calls of other silos. Default 11111, Orleans' own.</summary>
    public int SiloPort { get; init; } = 11111;

    /// <summary>The TCP port where a silo takes calls of edges; with <see cref="ClusteringProvider.Localhost"/> the edge calls it. Default 30000, Orleans' own.</summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>
    /// Where edges call silos with <see cref="ClusteringProvider.Localhost"/>, as <c>host:port</c>. Empty, the default: <see cref="GatewayPort"/> on this machine.
    /// </summary>
    public List<string> Gateways { get; init; } = [];
}
