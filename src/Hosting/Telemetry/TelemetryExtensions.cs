using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace NotifyOrleans.Hosting.Telemetry;

/// <summary>Metrics of a node: <c>System.Diagnostics.Metrics</c>, shown by OpenTelemetry's Prometheus exporter.</summary>
public static class TelemetryExtensions
{
    /// <summary>Collects our meters, Orleans', Kestrel's and the runtime's.</summary>
    public static WebApplicationBuilder AddNodeTelemetry(this WebApplicationBuilder builder)
    {
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics
            .AddMeter("NotifyOrleans.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Server.Kestrel")
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());
        return builder;
    }

    /// <summary>Serves <c>/metrics</c>.</summary>
    public static WebApplication MapNodeMetrics(this WebApplication app)
    {
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }
}
