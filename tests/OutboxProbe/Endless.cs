using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.OutboxProbe;

/// <summary>
/// Commits without end, several shards at once, and prints each change once its commit is completed: <c>+ shard user place</c> or <c>- shard user place</c>;
/// and <c>? shard user place</c> before a deletion, which from then on may have been done.
/// </summary>
internal static class Endless
{
    private const int Shards = 8;

    public static async Task<int> RunAsync(string folder)
    {
        using var store = OutboxFolder.Open(folder);
        await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => WriteShardAsync(store, shard)));
        return 0;
    }

    private static async Task WriteShardAsync(IOutboxStore store, int shard)
    {
        var epoch = await store.OpenShardAsync(shard, CancellationToken.None);
        for (var number = 1L; ; number++)
        {
            var user = $"user-{shard}-{number % 5}";
            var row = SampleRow.Create(user, new Place(epoch, number), $"id-{epoch}-{number}");
            // Each third row is taken away again, some commits later.
            var old = number - 30;
            StoredKey[] deletes =
                number % 3 == 0 && old > 0 ? [SampleRow.Create($"user-{shard}-{old % 5}", new Place(epoch, old), $"id-{epoch}-{old}").Key] : [];
            foreach (var key in deletes)
                Print('?', shard, key.User, key.Place);
            await store.CommitAsync(new OutboxCommit(shard, epoch, [row], deletes, []));
            Print('+', shard, user, row.Place);
            foreach (var key in deletes)
                Print('-', shard, key.User, key.Place);
        }
    }

    private static void Print(char change, int shard, string user, Place place) => Console.Out.WriteLine($"{change} {shard} {user} {place}");
}
