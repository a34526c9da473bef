using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>Passes while the silo is an active member of its cluster and can reach the membership table.</summary>
internal sealed class ClusterHealthCheck(ISiloStatusOracle membership, MembershipTableState table) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Reason() is { } reason ? HealthCheckResult.Unhealthy(reason) : HealthCheckResult.Healthy());

    private string? Reason() => (membership.CurrentStatus, table.Fault) switch
    {
        (SiloStatus.Active, null) => null,
        (SiloStatus.Active, { } fault) => $"the membership table cannot be reached, so silos that come or go are not noticed: {fault}",
        (var status, null) => $"the silo is {status}",
        (var status, { } fault) => $"the silo is {status} and waits for the membership table, which cannot be reached: {fault}",
    };
}
