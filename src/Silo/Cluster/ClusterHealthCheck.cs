using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>Passes while the silo is an active member of its cluster and can reach the membership table.</summary>
internal sealed class ClusterHealthCheck(ISiloStatusOracle membership, MembershipTableState table, IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(Reason() is { } reason ? HealthCheckResult.Unhealthy(reason) : HealthCheckResult.Healthy());

    private string? Reason() =>
        (membership.CurrentStatus, table.Fault) switch
        {
            // The web server does not wait for the other parts to start.
            (SiloStatus.Active, null) => lifetime.ApplicationStarted.IsCancellationRequested ? null : "the silo is starting",
            (SiloStatus.Active, { } fault) => $"the membership table cannot be reached, so silos that come or go are not noticed: {fault}",
            (var status, null) => $"the silo is {status}",
            (var status, { } fault) => $"the silo is {status} and waits for the membership table, which cannot be reached: {fault}",
        };
}
