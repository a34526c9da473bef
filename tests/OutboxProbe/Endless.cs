using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.OutboxProbe;

/// <summary>
/// Commits without end, several shards at once, and prints each change once its commit is completed: <c>+ shard user place</c> or <c>- shard user place</c>.
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
            StoredKey[] deletes = number % 3 == 0 && number > 30 ? [SampleRow.Create($"user-{shard}-{(number - 30) % 5}", new Place(epoch, number - 30), $"id-{epoch}-{number - 30}").Key] : [];
            await store.CommitAsync(new OutboxCommit(shard, epoch, [row], deletes, []));
            var lines = $"+ {shard} {user} {row.Place}\n" + string.Concat(deletes.Select(key => $"- {shard} {key.User} {key.Place}\n"));
            await Console.Out.WriteAsync(lines);
        }
    }
}
