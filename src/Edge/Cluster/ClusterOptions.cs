namespace NotifyOrleans.Edge.Cluster;

/// <summary>How the edge finds the silos: section <c>Cluster</c>, the same as the silos'.</summary>
public sealed class ClusterOptions
{
    public const string Section = "Cluster";

    /// <summary>Where silos are listed. <c>Localhost</c>: nowhere, <see cref="Gateways"/> names them.</summary>
    public ClusterProvider Provider { get; set; } = ClusterProvider.Localhost;

    /// <summary>The cluster's name, as the silos have it.</summary>
    public string ClusterId { get; set; } = "notifyorleans";

    /// <summary>The service's name, as the silos have it.</summary>
    public string ServiceId { get; set; } = "notifyorleans";

    /// <summary>Gateways of silos as <c>host:port</c>. Empty: 127.0.0.1:30000, where a silo on this machine listens.</summary>
    public List<string> Gateways { get; set; } = [];
}
