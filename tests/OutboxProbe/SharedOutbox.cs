using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

namespace NotifyOrleans.OutboxProbe;

/// <summary>Opens the shared engine outside of a silo.</summary>
public static class SharedOutbox
{
    public static PostgreSqlOutboxStore Open(string connectionString, ILogger<PostgreSqlOutboxStore>? logger = null)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        return new PostgreSqlOutboxStore(connectionString, new OutboxMetrics(meters), logger ?? NullLogger<PostgreSqlOutboxStore>.Instance);
    }
}
