using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Hosting.Configuration;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using DatabaseSettings = NotifyOrleans.Silo.Outbox.PostgreSqlEngine.DatabaseSettings;

namespace NotifyOrleans.Silo.Outbox;

/// <summary>What users have not been delivered yet, on disk.</summary>
public static class OutboxExtensions
{
    public static WebApplicationBuilder AddOutbox(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<OutboxOptions, OutboxOptionsValidator>(OutboxOptions.Section);
        builder.Services.AddSingleton<IValidateOptions<OutboxOptions>, ConnectionStringValidator>();
        builder.Services.AddSingleton<OutboxMetrics>();
        builder.Services.AddSingleton(CreateStore);
        builder.Services.AddHostedService<OutboxSweep>();
        builder.Services.AddHealthChecks().AddCheck<OutboxHealthCheck>("outbox");
        return builder;
    }

    private static IOutboxStore CreateStore(IServiceProvider services) =>
        services.GetRequiredService<IOptions<OutboxOptions>>().Value.Provider switch
        {
            OutboxProvider.PostgreSql => ActivatorUtilities.CreateInstance<PostgreSqlOutboxStore>(
                services,
                services.GetRequiredService<IConfiguration>().GetConnectionString(DatabaseSettings.Name)!
            ),
            _ => ActivatorUtilities.CreateInstance<RocksDbOutboxStore>(services),
        };
}
