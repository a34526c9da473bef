using Microsoft.Extensions.Options;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>Names every fault of section <c>Cluster</c>.</summary>
internal sealed class ClusterOptionsValidator : IValidateOptions<ClusterOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusterOptions options)
    {
        var faults = new List<string>();
        if (string.IsNullOrWhiteSpace(options.ClusterId))
            faults.Add("Cluster:ClusterId is empty.");
        if (string.IsNullOrWhiteSpace(options.ServiceId))
            faults.Add("Cluster:ServiceId is empty.");
        for (var i = 0; i < options.Gateways.Count; i++)
        {
            if (!Gateway.TryParse(options.Gateways[i], out _))
                faults.Add($"Cluster:Gateways:{i}: '{options.Gateways[i]}' is not a host and port such as silo:30000.");
        }
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
