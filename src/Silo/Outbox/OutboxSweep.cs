using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox;

/// <summary>Finds users with rows that have outlived their time, and tells their shards to drop them.</summary>
internal sealed partial class OutboxSweep(
    IOutboxStore outbox,
    IGrainFactory grains,
    IOptions<OutboxOptions> options,
    TimeProvider time,
    ILogger<OutboxSweep> logger
) : BackgroundService
{
    /// <summary>Users that are looked for at once: some kilobytes a shard.</summary>
    private const int BatchSize = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Silos that share an outbox look one after the other, also when they started at once: those that come later find nothing any more.
        await Task.Delay(options.Value.SweepInterval * Random.Shared.NextDouble(), time, stoppingToken);
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception fault) when (fault is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                // What was not dropped now is found again next time.
                LogFailed(fault);
            }
        }
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<ExpiredUser> users = [];
        do
        {
            var before = users;
            users = await outbox.FindExpiredAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), BatchSize, cancellationToken);
            // The same ones again: their shards could not drop them.
            if (users.SequenceEqual(before))
                return;
            await Task.WhenAll(
                users.GroupBy(user => user.Shard).Select(shard => grains.GetGrain<IShardGrain>(shard.Key).ExpireAsync([.. shard.Select(user => user.User)]))
            );
        } while (users.Count == BatchSize);
    }
}
