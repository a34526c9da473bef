using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NotifyOrleans.Silo.Events;

/// <summary>Says why events about users cannot be published. The silo is ready all the same: people get their messages.</summary>
internal sealed class EventsHealthCheck(EventChannel channel) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(channel.Fault is { } fault ? HealthCheckResult.Degraded(fault) : HealthCheckResult.Healthy());
}
