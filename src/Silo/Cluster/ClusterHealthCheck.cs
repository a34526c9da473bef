using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>Passes while the silo is an active member of its cluster.</summary>
internal sealed class ClusterHealthCheck(ISiloStatusOracle membership) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(membership.CurrentStatus == SiloStatus.Active
            ? HealthCheckResult.Healthy()
            : HealthCheckResult.Unhealthy($"the silo is {membership.CurrentStatus}"));
}
