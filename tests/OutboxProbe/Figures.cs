using System.Diagnostics;
using System.Globalization;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.OutboxProbe;

/// <summary>What the engine costs: appends and deletes a second with one and with many callers, bytes on disk a row.</summary>
internal static class Figures
{
    private const int Shards = 64;
    private const int Users = 10_000;
    private const int RowsPerCommit = 16;

    public static async Task<int> RunAsync(string target, int rows)
    {
        await using var outbox = await ProbedOutbox.OpenAsync(target);
        var store = outbox.Store;
        var epochs = await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => store.OpenShardAsync(shard, CancellationToken.None)));
        var all = Enumerable
            .Range(1, rows)
            .Select(n => (Shard: n % Shards, Row: SampleRow.Create($"user-{n % Users}", new Place(epochs[n % Shards], n), Guid.NewGuid().ToString())))
            .GroupBy(each => each.Shard, each => each.Row)
            .Select(shard => (Shard: shard.Key, Rows: shard.Chunk(RowsPerCommit).ToArray()))
            .ToArray();

        var before = outbox.DiskBytes();
        var (rate, latencies) = await MeasureAsync(
            all,
            rows,
            chunk => chunk.Rows,
            (shard, chunk) => new OutboxCommit(shard, epochs[shard], chunk, [], []),
            store
        );
        Print(
            string.Create(
                CultureInfo.InvariantCulture,
                $"append rows={rows} callers={Shards} rows/commit={RowsPerCommit}: {rate:0} rows/s, commit p50 {latencies.P50:0.00} ms p99 {latencies.P99:0.00} ms"
            )
        );
        Print(
            string.Create(
                CultureInfo.InvariantCulture,
                $"disk after appends: {(outbox.DiskBytes() - before) / (double)rows:0} B a row ({outbox.DiskBytes()} B)"
            )
        );

        var read = 0;
        var started = Stopwatch.GetTimestamp();
        for (var user = 0; user < Math.Min(rows, Users); user++)
            read += (
                await Task.WhenAll(
                    Enumerable
                        .Range(0, Shards)
                        .Where(shard => shard % 16 == user % 16)
                        .Select(shard => store.ReadAsync(shard, $"user-{user}", Place.Start, 1000, 1 << 20, CancellationToken.None))
                )
            ).Sum(part => part.Count);
        Print(
            string.Create(
                CultureInfo.InvariantCulture,
                $"read: {read} rows of {Math.Min(rows, Users)} users in {Stopwatch.GetElapsedTime(started).TotalSeconds:0.0} s"
            )
        );

        (rate, latencies) = await MeasureAsync(
            all,
            rows,
            chunk => chunk.Rows,
            (shard, chunk) => new OutboxCommit(shard, epochs[shard], [], [.. chunk.Select(row => row.Key)], []),
            store
        );
        Print(string.Create(CultureInfo.InvariantCulture, $"delete: {rate:0} rows/s, commit p50 {latencies.P50:0.00} ms p99 {latencies.P99:0.00} ms"));
        Print(string.Create(CultureInfo.InvariantCulture, $"disk after deletes: {outbox.DiskBytes()} B; working set {Environment.WorkingSet >> 20} MiB"));
        return 0;
    }

    private static async Task<(double Rate, (double P50, double P99) Latencies)> MeasureAsync(
        (int Shard, StoredMessage[][] Rows)[] all,
        int rows,
        Func<(int Shard, StoredMessage[][] Rows), StoredMessage[][]> chunksOf,
        Func<int, StoredMessage[], OutboxCommit> commitOf,
        IOutboxStore store
    )
    {
        var started = Stopwatch.GetTimestamp();
        var cpu = Environment.CpuUsage.TotalTime;
        var latencies = await Task.WhenAll(
            all.Select(async shard =>
            {
                var mine = new List<double>();
                foreach (var chunk in chunksOf(shard))
                {
                    var at = Stopwatch.GetTimestamp();
                    await store.CommitAsync(commitOf(shard.Shard, chunk));
                    mine.Add(Stopwatch.GetElapsedTime(at).TotalMilliseconds);
                }
                return mine;
            })
        );
        var rate = rows / Stopwatch.GetElapsedTime(started).TotalSeconds;
        Print(string.Create(CultureInfo.InvariantCulture, $"cpu {(Environment.CpuUsage.TotalTime - cpu).TotalMicroseconds / rows:0.0} us a row"));
        var sorted = latencies.SelectMany(mine => mine).Order().ToArray();
        return (rate, (sorted[sorted.Length / 2], sorted[sorted.Length * 99 / 100]));
    }

    private static void Print(string line) => Console.WriteLine(line);
}
