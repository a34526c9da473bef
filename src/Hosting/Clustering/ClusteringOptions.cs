using Microsoft.Extensions.Configuration;

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

    /// <summary>
    /// The TCP port where a silo takes calls of edges; with <see cref="ClusteringProvider.Localhost"/> the edge calls it. Default 30000, Orleans' own.
    /// </summary>
    public int GatewayPort { get; init; } = 30000;

    /// <summary>
    /// The IP address under which other silos and the edges reach this silo. Empty, the default: that of the machine's first network that is up;
    /// with <see cref="ClusteringProvider.Localhost"/> always the loopback address.
    /// </summary>
    public string AdvertisedAddress { get; init; } = "";

    /// <summary>
    /// The IP address where this silo listens for them. Empty, the default: <see cref="AdvertisedAddress"/>; <c>0.0.0.0</c> (all) where the advertised one is
    /// not the machine's own, as behind a mapped port.
    /// </summary>
    public string ListeningAddress { get; init; } = "";

    /// <summary>
    /// Where edges call silos, as <c>host:port</c>. Empty, the default: the silos that the membership table names, or with
    /// <see cref="ClusteringProvider.Localhost"/> <see cref="GatewayPort"/> on this machine.
    /// </summary>
    public List<string> Gateways { get; init; } = [];

    /// <summary>The provider, for parts that are chosen before options are bound. One that does not exist is told by the validation.</summary>
    public static ClusteringProvider ProviderIn(IConfiguration configuration) =>
        Enum.TryParse<ClusteringProvider>(configuration[$"{Section}:{nameof(Provider)}"], ignoreCase: true, out var provider) && Enum.IsDefined(provider)
            ? provider
            : ClusteringProvider.Localhost;
}
