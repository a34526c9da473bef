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
        var taken = ListeningPorts.Find();
        var faults = new List<string>();
        if (taken.Contains(options.SiloPort))
            faults.Add($"Cluster:SiloPort: another process listens on port {options.SiloPort}.");
        if (taken.Contains(options.GatewayPort))
            faults.Add($"Cluster:GatewayPort: another process listens on port {options.GatewayPort}.");
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
