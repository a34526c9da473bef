using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Clustering;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>Names the faults of the clustering that only an edge has: it reads the membership table, unless the silos are named to it.</summary>
internal sealed class EdgeClusteringValidator(MembershipStoreAddress store) : IValidateOptions<ClusteringOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusteringOptions options)
    {
        var faults = store.FindFaults(options.Provider, required: options.Gateways.Count == 0).ToList();
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
