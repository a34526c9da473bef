using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Shards;

/// <summary>Looks after this silo's shards: one clock for all of them, in place of a timer for each.</summary>
internal sealed class ShardSweeper(HostedShards shards, IGrainFactory grains, IOptions<MailboxOptions> options, TimeProvider time, ILogger<ShardSweeper> logger)
    : BackgroundService
{
    // A quarter of the time after which a message has to be safe, so that the time is kept well enough.
    private const int TicksPerPeriod = 4;

    // What only time moves on (held messages, remembered ids) needs no better clock.
    private static readonly TimeSpan FullSweepInterval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(options.Value.StoreAfter / TicksPerPeriod, time);
        var lastFull = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var isFull = time.GetElapsedTime(lastFull) >= FullSweepInterval;
            if (isFull)
                lastFull = time.GetTimestamp();
            await Task.WhenAll(
                shards.Ledgers.Where(ledger => isFull || ledger.IsOverdue(options.Value.StoreAfter)).Select(ledger => SweepAsync(ledger, stoppingToken))
            );
        }
    }

    private async Task SweepAsync(ShardLedger ledger, CancellationToken cancellationToken)
    {
        try
        {
            await grains.GetGrain<IShardUpkeepGrain>(ledger.Shard).SweepAsync();
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.SweepFailed(exception, ledger.Shard);
        }
    }
}
