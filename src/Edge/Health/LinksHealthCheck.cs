using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Edge.Delivery;

namespace NotifyOrleans.Edge.Health;

/// <summary>Whether the edge is linked to a silo: without one nobody can sign in.</summary>
internal sealed class LinksHealthCheck(LinkTable links) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(links.IsLinked ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("not linked to any silo"));
}
