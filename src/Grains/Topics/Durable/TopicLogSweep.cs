using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>
/// Takes out of the logs what all durable subscriptions have had, and what limits do not allow; ends subscriptions that nobody has come back to. Each silo does
/// it: what one has done the others do not find any more.
/// </summary>
internal sealed class TopicLogSweep(
    ITopicLogStore store,
    IOptions<TopicLogOptions> options,
    TopicLogMetrics metrics,
    TimeProvider time,
    ILogger<TopicLogSweep> logger
) : BackgroundService
{
    // One commit of some thousand small changes.
    private const int MaxTrim = 1000;

    // Bodies are read along: a thousand of the largest would be memory for nothing, and time that a database does not give.
    private const int MaxPageBytes = 1 << 20;

    // Keys of messages that were cut: as many as messages, so that what is missing can be counted.
    private const int KeysPerMessage = 2;

    private const int MaxAbandoned = 1000;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await Task.Delay(options.Value.SweepInterval * Random.Shared.NextDouble(), time, stoppingToken);
        using var timer = new PeriodicTimer(options.Value.SweepInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            await TrySweepAsync(stoppingToken);
    }

    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        // Before the cursors: a subscription that begins meanwhile begins behind these ends.
        var logs = await store.ReadLogsAsync(cancellationToken);
        await EndAbandonedAsync(cancellationToken);
        var lowest = await store.ReadLowestAsync(cancellationToken);
        foreach (var log in logs)
            await TrySweepAsync(log, lowest, cancellationToken);
    }

    private async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        try
        {
            await SweepAsync(cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.SweepFailed(exception);
        }
    }

    /// <summary>One that cannot be swept holds up none behind it.</summary>
    private async Task TrySweepAsync(TopicLogState log, LowestCursors lowest, CancellationToken cancellationToken)
    {
        try
        {
            var gone = Math.Max(log.GoneUpTo, Math.Max(lowest.Of(log.Log, log.Last), log.Last - KeysPerMessage * options.Value.MaxMessagesPerLog));
            var cut = await FindCutAsync(log, Math.Max(log.CutUpTo, gone), cancellationToken);
            metrics.Cut(cut - Math.Max(log.CutUpTo, gone));
            await TrimAsync(log, cut, gone);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.LogSweepFailed(exception, log.Log);
        }
    }

    private async Task EndAbandonedAsync(CancellationToken cancellationToken)
    {
        var before = (time.GetUtcNow() - options.Value.AbandonedAfter).ToUnixTimeMilliseconds();
        while (await store.FindAbandonedAsync(before, MaxAbandoned, cancellationToken) is { Count: > 0 } abandoned)
        {
            await store.EndAsync(abandoned);
            metrics.SubscriptionsEnded(abandoned.Count, "abandoned");
            logger.SubscriptionsAbandoned(abandoned.Count, options.Value.AbandonedAfter);
        }
    }

    /// <summary>Up to where limits of age, number and size take the messages.</summary>
    private async Task<long> FindCutAsync(TopicLogState log, long from, CancellationToken cancellationToken)
    {
        var oldest = (time.GetUtcNow() - options.Value.TimeToLive).ToUnixTimeMilliseconds();
        var cut = Math.Max(from, log.Last - options.Value.MaxMessagesPerLog);
        while (true)
        {
            var messages = await store.ReadAsync(log.Log, cut, MaxTrim, MaxPageBytes, cancellationToken);
            var before = cut;
            foreach (var message in messages.TakeWhile(message => message.StoredAt < oldest || log.Total - message.Total >= options.Value.MaxBytesPerLog))
                cut = message.Number;
            if (cut == before || cut < messages[^1].Number)
                return cut;
        }
    }

    private async Task TrimAsync(TopicLogState log, long cut, long gone)
    {
        for (var (cutSoFar, goneSoFar) = (log.CutUpTo, log.GoneUpTo); cutSoFar < cut || goneSoFar < gone; )
        {
            goneSoFar = Math.Min(gone, goneSoFar + MaxTrim);
            cutSoFar = Math.Min(Math.Max(cut, gone), Math.Max(cutSoFar, goneSoFar) + MaxTrim);
            await store.TrimAsync(log.Log, cutSoFar, goneSoFar);
        }
    }
}
