using System.Net;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Clustering;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>
/// Refuses ports that another process listens on. Orleans lets several processes share a port (SO_REUSEPORT): two silos on one port would both start,
/// and each would get some of the calls of the other.
/// </summary>
internal sealed class FreePortsValidator : IValidateOptions<ClusteringOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusteringOptions options)
    {
        var address = AddressOf(options);
        var faults = new List<string>();
        if (ListeningPorts.IsTaken(address, options.SiloPort))
            faults.Add($"Cluster:SiloPort: another process listens on port {options.SiloPort}.");
        if (ListeningPorts.IsTaken(address, options.GatewayPort))
            faults.Add($"Cluster:GatewayPort: another process listens on port {options.GatewayPort}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    /// <summary>Where the silo listens; all addresses when that is not said, since it is not known yet which one is the first network's.</summary>
    private static IPAddress AddressOf(ClusteringOptions options)
    {
        if (IPAddress.TryParse(options.ListeningAddress, out var listening))
            return listening;
        if (options.Provider == ClusteringProvider.Localhost)
            return IPAddress.Loopback;
        return IPAddress.TryParse(options.AdvertisedAddress, out var advertised) ? advertised : IPAddress.Any;
    }
}
