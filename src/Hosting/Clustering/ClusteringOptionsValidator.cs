using System.Net;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Hosting.Clustering;

/// <summary>Names every fault of <see cref="ClusteringOptions"/>.</summary>
public sealed class ClusteringOptionsValidator : IValidateOptions<ClusteringOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusteringOptions options)
    {
        var faults = new List<string>();
        if (options.Provider != ClusteringProvider.Localhost)
            faults.Add($"Cluster:Provider: {options.Provider} is not available yet; use Localhost.");
        if (string.IsNullOrWhiteSpace(options.ClusterId))
            faults.Add("Cluster:ClusterId: is empty.");
        if (string.IsNullOrWhiteSpace(options.ServiceId))
            faults.Add("Cluster:ServiceId: is empty.");
        AddPortFault(faults, nameof(options.SiloPort), options.SiloPort);
        AddPortFault(faults, nameof(options.GatewayPort), options.GatewayPort);
        if (options.SiloPort == options.GatewayPort)
            faults.Add($"Cluster:GatewayPort: must differ from Cluster:SiloPort, is {options.GatewayPort} too.");
        for (var i = 0; i < options.Gateways.Count; i++)
        {
            if (!GatewayAddress.TryParse(options.Gateways[i], out _))
                faults.Add($"Cluster:Gateways:{i}: '{options.Gateways[i]}' is not a host and port such as silo:30000.");
        }
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }

    private static void AddPortFault(List<string> faults, string name, int port)
    {
        if (port is < 1 or > IPEndPoint.MaxPort)
            faults.Add($"Cluster:{name}: must be from 1 to {IPEndPoint.MaxPort}, is {port}.");
    }
}
