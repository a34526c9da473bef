using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Diagnostics.HealthChecks;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Hosting.Health;

/// <summary>Health endpoints of a node. Each part adds its own check with <c>AddHealthChecks().AddCheck</c>.</summary>
public static class HealthExtensions
{
    /// <summary>Runs the checks each second, to log when the node becomes ready or stops being so.</summary>
    public static WebApplicationBuilder AddNodeHealth(this WebApplicationBuilder builder)
    {
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<IHealthCheckPublisher, ReadinessJournal>();
        builder.Services.Configure<HealthCheckPublisherOptions>(publisher =>
        {
            // A node that starts is not ready, and need not say so.
            publisher.Delay = TimeSpan.FromSeconds(2);
            publisher.Period = TimeSpan.FromSeconds(1);
        });
        // It logs each failing check at each run; the journal logs changes.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        return builder;
    }

    /// <summary>Serves <c>/health/live</c> (the process answers) and <c>/health/ready</c> (every check passes; 503 and the reasons when not).</summary>
    public static WebApplication MapNodeHealth(this WebApplication app)
    {
        app.MapHealthChecks("/health/live", new HealthCheckOptions { Predicate = _ => false, ResponseWriter = HealthJson.WriteLiveAsync });
        app.MapHealthChecks("/health/ready", new HealthCheckOptions { ResponseWriter = HealthJson.WriteReadyAsync });
        return app;
    }
}
