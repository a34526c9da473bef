using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.OutboxProbe;

/// <summary>What many users who are away cost the process that stores for them, and how long it takes to open what they have left.</summary>
internal static class Offline
{
    private const int Shards = 1024;

    public static async Task<int> RunAsync(string target, int users, int messages)
    {
        await using (var outbox = await ProbedOutbox.OpenAsync(target))
        {
            var epochs = await OpenShardsAsync(outbox.Store);
            // What the first rows bring along (prepared statements, buffers) is not for each user.
            await StoreAsync(outbox.Store, epochs, users, 1, 0);
            var before = Measure();
            for (var message = 1; message <= messages; message++)
                await StoreAsync(outbox.Store, epochs, users, users, message);
            var after = Measure();
            Print(
                $"stored: {users} users, {messages} messages each; managed memory +{after.Managed - before.Managed} B, working set +{(after.WorkingSet - before.WorkingSet) >> 20} MiB"
            );
        }
        var started = Stopwatch.GetTimestamp();
        await using (var outbox = await ProbedOutbox.OpenAsync(target))
        {
            await OpenShardsAsync(outbox.Store);
            var rows = await outbox.Store.ReadAsync(ShardOf(1), "user-1", Place.Start, 100, 1 << 20, CancellationToken.None);
            Print($"opened again: all shards taken and {rows.Count} rows of a user read after {Stopwatch.GetElapsedTime(started).TotalMilliseconds:0} ms");
        }
        return 0;
    }

    private static Task<long[]> OpenShardsAsync(IOutboxStore store) =>
        Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => store.OpenShardAsync(shard, CancellationToken.None)));

    private static async Task StoreAsync(IOutboxStore store, long[] epochs, int users, int count, int message)
    {
        foreach (var some in Enumerable.Range(users - count, count).Chunk(5000))
        {
            await Task.WhenAll(
                some.Select(user =>
                {
                    var shard = ShardOf(user);
                    var row = SampleRow.Create($"user-{user}", new Place(epochs[shard], ((long)message * users) + user + 1), $"id-{user}-{message}");
                    return store.CommitAsync(
                        new OutboxCommit(shard, epochs[shard], [row], [], [new UserTally(row.User, new MailboxTally(message + 1, message * 500, 0))])
                    );
                })
            );
        }
    }

    private static int ShardOf(int user) => user % Shards;

    private static (long Managed, long WorkingSet) Measure() => (GC.GetTotalMemory(forceFullCollection: true), Environment.WorkingSet);

    private static void Print(FormattableString line) => Console.WriteLine(line.ToString(CultureInfo.InvariantCulture));
}
