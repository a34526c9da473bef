using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Outbox;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;

namespace NotifyOrleans.OutboxProbe;

/// <summary>Opens the embedded engine outside of a silo.</summary>
public static class OutboxFolder
{
    public static RocksDbOutboxStore Open(string folder, ILogger<RocksDbOutboxStore>? logger = null)
    {
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        return new RocksDbOutboxStore(
            Options.Create(new OutboxOptions { Path = folder }),
            new OutboxMetrics(meters),
            logger ?? LoggerFactory.Create(_ => { }).CreateLogger<RocksDbOutboxStore>()
        );
    }
}
