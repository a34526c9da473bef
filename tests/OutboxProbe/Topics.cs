using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Topics;

namespace NotifyOrleans.OutboxProbe;

/// <summary>What many durable subscriptions to one topic cost the store, and how long it takes one that comes back to read what waits.</summary>
internal static class Topics
{
    private const string Log = "partition-0";

    private const int Returning = 20;

    private static readonly TopicInterest Interest = new("notifications", "topic.news.#");

    public static async Task<int> RunAsync(string target, int subscriptions, int messages)
    {
        await using var outbox = await ProbedOutbox.OpenAsync(target);
        var store = TopicsExtensions.CreateStore(outbox.Store);
        var log = await store.OpenAsync(Log, CancellationToken.None);
        await TimeAsync($"{subscriptions} subscriptions begun, 1,000 at a time", () => BeginAsync(store, subscriptions));
        await TimeAsync($"what they are to read anew", () => store.ReadInterestsAsync(CancellationToken.None));
        var before = outbox.DiskBytes();
        await TimeAsync($"{messages} messages stored one after another", () => AppendAsync(store, log, messages));
        Print($"rows: {(await store.ReadLogsAsync(CancellationToken.None))[0].Last}, on disk +{(outbox.DiskBytes() - before) >> 10} KiB");
        var times = new List<double>();
        for (var number = 0; number < Returning; number++)
        {
            var started = Stopwatch.GetTimestamp();
            await ComeBackAsync(store, number, messages);
            times.Add(Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        }
        Print(
            $"{Returning} of them take up their cursors and read {messages} messages, each: first {times[0]:0.0} ms, p50 {times.Order().ElementAt(Returning / 2):0.0} ms"
        );
        await TimeAsync($"lowest of all cursors found", () => store.ReadLowestAsync(CancellationToken.None));
        return 0;
    }

    private static DurableTopic TopicOf(int number) => new($"user-{number}", "phone", Interest);

    private static async Task BeginAsync(ITopicLogStore store, int subscriptions)
    {
        foreach (var some in Enumerable.Range(0, subscriptions).Chunk(1000))
        {
            var registered = await store.RegisterAsync([.. some.Select(TopicOf)], maxPerUser: 1);
            await store.BeginAsync([.. registered.Select(registration => registration.Number)], await store.ReadLogsAsync(CancellationToken.None), now: 1);
        }
    }

    private static async Task AppendAsync(ITopicLogStore store, TopicLogState log, int messages)
    {
        for (var number = log.Last + 1; number <= log.Last + messages; number++)
        {
            var notification = SampleRow.Create("news", new Place(1, number)).Notification;
            await store.AppendAsync(
                Log,
                log.Epoch,
                [new StoredTopic(number, number * notification.Size, Attempted: false, StoredAt: 1, IsCut: false, notification)]
            );
        }
    }

    private static async Task ComeBackAsync(ITopicLogStore store, int number, int messages)
    {
        var cursor = await store.TakeUpAsync(TopicOf(number), "session", now: 2) ?? throw new InvalidOperationException("The subscription is not there");
        var read = await store.ReadAsync(Log, cursor.Marks[0].Settled, messages, int.MaxValue, CancellationToken.None);
        if (read.Count != messages)
            throw new InvalidOperationException($"{read.Count} messages were read");
    }

    private static async Task TimeAsync(string what, Func<Task> work)
    {
        var started = Stopwatch.GetTimestamp();
        await work();
        Print($"{what}: {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0.0} ms");
    }

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
