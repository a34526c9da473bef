using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Clustering;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>Names the faults of the clustering that only a silo has: it keeps the membership table, so it must know where that is.</summary>
internal sealed class SiloClusteringValidator(MembershipStoreAddress store) : IValidateOptions<ClusteringOptions>
{
    public ValidateOptionsResult Validate(string? name, ClusteringOptions options)
    {
        var faults = store.FindFaults(options.Provider, required: true).ToList();
        return faults.Count > 0 ? ValidateOptionsResult.Fail(faults) : ValidateOptionsResult.Success;
    }
}
