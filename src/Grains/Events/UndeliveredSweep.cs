using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Events;

/// <summary>Finds users for whom an <see cref="UndeliveredEvent"/> is due, and tells their shards. Every silo does; a shard tells each event once.</summary>
internal sealed class UndeliveredSweep(
    IOutboxStore outbox,
    IGrainFactory grains,
    IOptions<EventsOptions> options,
    TimeProvider time,
    ILogger<UndeliveredSweep> logger
) : BackgroundService
{
    // Users that are looked for at once: some kilobytes a shard, and what the broker confirms within a second.
    private const int BatchSize = 1000;

    // A quarter of the time is late enough to cost nothing, and never so late that a person would notice.
    private const int SweepsPerPeriod = 4;
    private static readonly TimeSpan MinInterval = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan MaxInterval = TimeSpan.FromSeconds(15);

    private int _isFailing;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (options.Value.Undelivered.After is not { } after)
            return;
        var interval = TimeSpan.FromTicks(Math.Clamp(after.Ticks / SweepsPerPeriod, MinInterval.Ticks, MaxInterval.Ticks));
        using var timer = new PeriodicTimer(interval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await SweepAsync(stoppingToken);
    }

    private async Task SweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            IReadOnlyList<DueUser> users = [];
            do
            {
                var before = users;
                users = await outbox.FindDueAsync(time.GetUtcNow().ToUnixTimeMilliseconds(), BatchSize, cancellationToken);
                // The same ones again: their shards could not tell it.
                if (users.SequenceEqual(before))
                    return;
                var told = await Task.WhenAll(users.GroupBy(user => user.Shard).Select(shard => TryTellAsync(shard.Key, [.. shard.Select(user => user.User)])));
                if (told.All(could => could))
                    _isFailing = 0;
            } while (users.Count == BatchSize);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.UndeliveredSweepFailed(exception);
        }
    }

    /// <summary>A shard that cannot be asked holds up no other. It is said once, until all can be asked again.</summary>
    private async Task<bool> TryTellAsync(int shard, string[] users)
    {
        try
        {
            await grains.GetGrain<IShardUpkeepGrain>(shard).TellUndeliveredAsync(users);
            return true;
        }
        catch (Exception exception)
        {
            if (Interlocked.Exchange(ref _isFailing, 1) == 0)
                logger.UndeliveredShardFailed(exception, shard);
            else
                logger.UndeliveredPostponed(exception, shard);
            return false;
        }
    }
}
