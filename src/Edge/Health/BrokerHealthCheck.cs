using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Edge.Publishing;

namespace NotifyOrleans.Edge.Health;

/// <summary>Whether clients' SENDs can be published.</summary>
internal sealed class BrokerHealthCheck(BrokerConnection broker) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(broker.Fault is { } fault ? HealthCheckResult.Unhealthy(fault) : HealthCheckResult.Healthy());
}
