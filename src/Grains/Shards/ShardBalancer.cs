using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Placement;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Hands shards over to silos that have joined: one after another, so that few users notice at a time. A silo that leaves or dies needs nothing of it: its
/// shards begin anew where they belong.
/// </summary>
internal sealed class ShardBalancer(HostedShards shards, ISiloStatusOracle silos, IGrainFactory grains, TimeProvider time, ILogger<ShardBalancer> logger)
    : BackgroundService
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    // Silos that come and go in quick succession move nothing.
    private static readonly TimeSpan SettleTime = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckInterval, time);
        HashSet<SiloAddress> known = [];
        var knownSince = time.GetTimestamp();
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            var active = Active();
            if (!active.SetEquals(known))
                (known, knownSince) = (active, time.GetTimestamp());
            else if (active.Count > 1 && time.GetElapsedTime(knownSince) >= SettleTime)
                await BalanceAsync(active, stoppingToken);
        }
    }

    private async Task BalanceAsync(HashSet<SiloAddress> active, CancellationToken cancellationToken)
    {
        // One that has left the list of the active hosts what it has until it ends.
        if (!active.Contains(silos.SiloAddress))
            return;
        var moving = shards.Ledgers.Where(ledger => !ledger.IsLeaving && ShardHome.Of(ledger.Shard, active) != silos.SiloAddress).ToList();
        if (moving.Count > 0)
            logger.ShardsMoving(moving.Count);
        foreach (var ledger in moving)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // That takes a while: whoever came may have gone again, and with him the reason.
            if (!Active().SetEquals(active))
                return;
            if (ledger.IsLeaving || ledger.IsClosed)
                continue;
            try
            {
                await grains.GetGrain<IShardUpkeepGrain>(ledger.Shard).HandOverAsync();
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                logger.SweepFailed(exception, ledger.Shard);
            }
        }
    }

    private HashSet<SiloAddress> Active() => [.. silos.GetApproximateSiloStatuses(onlyActive: true).Keys];
}
