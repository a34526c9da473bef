using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Hosting.Configuration;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;

namespace NotifyOrleans.Silo.Outbox;

/// <summary>What users have not been delivered yet, on disk.</summary>
public static class OutboxExtensions
{
    public static WebApplicationBuilder AddOutbox(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<OutboxOptions, OutboxOptionsValidator>(OutboxOptions.Section);
        builder.Services.AddSingleton<OutboxMetrics>();
        builder.Services.AddSingleton<IOutboxStore, RocksDbOutboxStore>();
        builder.Services.AddHostedService<OutboxSweep>();
        builder.Services.AddHealthChecks().AddCheck<OutboxHealthCheck>("outbox");
        return builder;
    }
}
