using Microsoft.Extensions.Diagnostics.HealthChecks;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox;

/// <summary>Passes while the outbox takes commits.</summary>
internal sealed class OutboxHealthCheck(IOutboxStore outbox) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(outbox.Health is { Writable: false } health ? HealthCheckResult.Unhealthy(health.Reason) : HealthCheckResult.Healthy());
}
