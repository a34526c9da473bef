using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace NotifyOrleans.Hosting.Telemetry;

/// <summary>Metrics of a node: <c>System.Diagnostics.Metrics</c>, shown by OpenTelemetry's Prometheus exporter.</summary>
public static class TelemetryExtensions
{
    /// <summary>
    /// Tag sets of one metric. The exporter's memory for all that are possible is taken at the start, for each of some 170 metrics; ours have a series for each
    /// partition at most.
    /// </summary>
    private const int MaxSeries = 300;

    /// <summary>Collects our meters, Orleans', Kestrel's and the runtime's.</summary>
    public static WebApplicationBuilder AddNodeTelemetry(this WebApplicationBuilder builder)
    {
        builder
            .Services.AddOpenTelemetry()
            .WithMetrics(metrics =>
                metrics
                    .AddMeter("NotifyOrleans.*", "Microsoft.Orleans", "Microsoft.AspNetCore.Server.Kestrel")
                    .AddRuntimeInstrumentation()
                    .AddView(_ => new MetricStreamConfiguration { CardinalityLimit = MaxSeries })
                    .AddPrometheusExporter()
            );
        return builder;
    }

    /// <summary>Serves <c>/metrics</c>.</summary>
    public static WebApplication MapNodeMetrics(this WebApplication app)
    {
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }
}
