using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Interfaces.Topics;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <inheritdoc cref="IDurableTopicsGrain"/>
[StatelessWorker, Reentrant, GrainType("durable-topics")]
internal sealed class DurableTopicsGrain(ITopicLogStore store, IOptions<TopicLogOptions> options, TopicLogMetrics metrics, TimeProvider time)
    : Grain,
        IDurableTopicsGrain
{
    // One page: enough to make the call cheap, little enough that the edge holds few of them.
    private const int MaxPageMessages = 128;
    private const int MaxPageBytes = 256 * 1024;

    // What a page may look at: a subscription to little of much gets an empty page now and then, and nobody waits long for one.
    private const int MaxPageLooks = 10_000;

    public async Task<DurableOpening?> TakeUpAsync(DurableTopic topic, string session)
    {
        if (await store.TakeUpAsync(topic, session, Now) is not { } cursor)
            return null;
        var marks = cursor.Marks.ToDictionary(mark => mark.Log);
        foreach (var log in await store.ReadLogsAsync(CancellationToken.None))
        {
            var mark = marks.GetValueOrDefault(log.Log, new LogMark(log.Log, 0, 0));
            // What another session has been given since it last said so is not known.
            marks[log.Log] = cursor.WasOpen ? mark with { Offered = Math.Max(mark.Offered, log.Last) } : mark;
        }
        return new DurableOpening(cursor.Subscription, [.. marks.Values]);
    }

    public async Task<DurablePage> ReadAsync(DurableQuery query)
    {
        var pattern = TopicPattern.Parse(query.Interest.Pattern);
        var oldest = Now - (long)options.Value.TimeToLive.TotalMilliseconds;
        var after = query.After.ToDictionary(position => position.Log, position => position.Number);
        var logs = await store.ReadLogsAsync(CancellationToken.None);
        List<TopicLogReader> readers =
        [
            .. logs.Select(log => new TopicLogReader(store, log, query.Interest.Exchange, pattern, oldest).After(after.GetValueOrDefault(log.Log))),
        ];
        var entries = await MergeAsync(readers);
        metrics.Read(entries.Count);
        return new DurablePage(
            [.. entries],
            readers.Sum(reader => reader.Dropped),
            [.. readers.Select(reader => reader.Position)],
            readers.TrueForAll(reader => reader.IsAtEnd)
        );
    }

    public async Task<long[]> SaveAsync(DurableProgress[] progress) => [.. await store.SaveAsync(progress, Now)];

    private long Now => time.GetUtcNow().ToUnixTimeMilliseconds();

    /// <summary>In the order of time, as far as logs can tell it; within a log in its own.</summary>
    private async Task<List<DurableEntry>> MergeAsync(List<TopicLogReader> readers)
    {
        var entries = new List<DurableEntry>();
        var bytes = 0;
        while (entries.Count < MaxPageMessages && bytes < MaxPageBytes)
        {
            foreach (var reader in readers)
            {
                while (reader.Next is null && !reader.IsAtEnd)
                {
                    if (readers.Sum(reader => reader.Looked) >= MaxPageLooks)
                        return entries;
                    await reader.FillAsync(CancellationToken.None);
                }
            }
            if (readers.Where(reader => reader.Next is not null).MinBy(reader => reader.Next!.StoredAt) is not { } first)
                return entries;
            var log = first.Position.Log;
            var message = first.Take();
            // The publisher's own limit is no loss.
            if (message.Notification.ExpiresAt != 0 && message.Notification.ExpiresAt <= Now)
                continue;
            entries.Add(new DurableEntry(log, message.Number, message.Attempted, message.Notification));
            bytes += message.Notification.Size;
        }
        return entries;
    }
}
