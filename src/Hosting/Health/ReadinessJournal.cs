using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Hosting.Health;

/// <summary>Logs once when the node becomes ready, and once when it stops being so or the reasons change.</summary>
internal sealed partial class ReadinessJournal(IHostApplicationLifetime lifetime, ILogger<ReadinessJournal> logger) : IHealthCheckPublisher
{
    private string? _reasons;

    public Task PublishAsync(HealthReport report, CancellationToken cancellationToken)
    {
        var failing = report.Entries.Where(entry => entry.Value.Status != HealthStatus.Healthy).OrderBy(entry => entry.Key, StringComparer.Ordinal);
        var reasons = string.Join("; ", failing.Select(entry => $"{entry.Key}: {HealthJson.Reason(entry.Value)}"));
        if (reasons == _reasons || lifetime.ApplicationStopping.IsCancellationRequested)
            return Task.CompletedTask;
        _reasons = reasons;
        if (report.Status == HealthStatus.Unhealthy)
            LogNotReady(reasons);
        else if (reasons.Length > 0)
            LogReadyBut(reasons);
        else
            LogReady();
        return Task.CompletedTask;
    }
}
