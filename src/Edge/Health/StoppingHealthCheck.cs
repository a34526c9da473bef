using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace NotifyOrleans.Edge.Health;

/// <summary>Fails as soon as the edge begins to end, so that nobody is sent to it any more.</summary>
internal sealed class StoppingHealthCheck(IHostApplicationLifetime lifetime) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(lifetime.ApplicationStopping.IsCancellationRequested ? HealthCheckResult.Unhealthy("shutting down") : HealthCheckResult.Healthy());
}
