using System.Net;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Hosting.Clustering;

/// <summary>Names every fault of <see cref="ClusteringOptions"/> that silos and edges have in common.</summary>
public sealed class ClusteringOptionsValidator : IValidateOptions<ClusteringOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusteringOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.ClusterId))
            faults.Add("Cluster:ClusterId: is empty.");
        if (string.IsNullOrWhiteSpace(options.ServiceId))
            faults.Add("Cluster:ServiceId: is empty.");
        AddPortFault(faults, nameof(options.SiloPort), options.SiloPort);
        AddPortFault(faults, nameof(options.GatewayPort), options.GatewayPort);
        if (options.SiloPort == options.GatewayPort)
            faults.Add($"Cluster:GatewayPort: must differ from Cluster:SiloPort, is {options.GatewayPort} too.");
        AddAddressFaults(faults, options);
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

    private static void AddAddressFaults(List<string> faults, ClusteringOptions options)
    {
        var isAddress = AddAddressFault(faults, options, nameof(options.AdvertisedAddress), options.AdvertisedAddress, out var advertised);
        if (isAddress && (advertised.Equals(IPAddress.Any) || advertised.Equals(IPAddress.IPv6Any)))
            faults.Add(
                $"Cluster:AdvertisedAddress: nobody can call {advertised}; name an address of this machine, and have Cluster:ListeningAddress {advertised}."
            );
        AddAddressFault(faults, options, nameof(options.ListeningAddress), options.ListeningAddress, out _);
    }

    private static bool AddAddressFault(List<string> faults, ClusteringOptions options, string name, string text, out IPAddress address)
    {
        address = IPAddress.Loopback;
        if (text.Length == 0)
            return false;
        if (!IPAddress.TryParse(text, out var parsed))
        {
            faults.Add($"Cluster:{name}: '{text}' is not an IP address such as 10.1.2.3.");
            return false;
        }
        address = parsed;
        if (options.Provider != ClusteringProvider.Localhost || IPAddress.IsLoopback(address))
            return true;
        faults.Add($"Cluster:{name}: with Cluster:Provider Localhost a silo stays on the loopback address; choose PostgreSql or Redis.");
        return false;
    }
}
