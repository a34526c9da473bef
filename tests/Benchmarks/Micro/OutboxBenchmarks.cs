using BenchmarkDotNet.Attributes;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Benchmarks.Micro;

/// <summary>
/// The engines of the outbox: 64 shards commit at once, each 16 messages of 300 B, on disk when it is over; then the same read, and taken away.
/// </summary>
public class OutboxBenchmarks
{
    private const int Shards = 64;
    private const int RowsPerCommit = 16;

    private readonly TemporaryFolder _folder = new();
    private PostgreSqlServer? _database;
    private IOutboxStore _store = null!;
    private long[] _epochs = [];
    private long _number;
    private OutboxCommit[] _stored = [];

    public enum Engine
    {
        RocksDb,
        PostgreSql,
    }

    [ParamsAllValues]
    public Engine Kind { get; set; }

    [GlobalSetup]
    public async Task SetupAsync()
    {
        if (Kind == Engine.PostgreSql)
        {
            _database = new PostgreSqlServer();
            await _database.StartAsync();
        }
        _store = _database is null ? OutboxFolder.Open(_folder.Path) : SharedOutbox.Open(_database.ConnectionString);
        await Wait.Until(() => _store.Health.Writable, "the outbox to be open");
        _epochs = await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => _store.OpenShardAsync(shard, CancellationToken.None)));
        await AppendAsync();
    }

    [GlobalCleanup]
    public async Task CleanupAsync()
    {
        if (_store is IAsyncDisposable asynchronous)
            await asynchronous.DisposeAsync();
        else
            ((IDisposable)_store).Dispose();
        if (_database is not null)
            await _database.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>Stores a commit in each shard, and takes away what the round before had stored: the outbox stays as large as it is.</summary>
    [Benchmark(OperationsPerInvoke = Shards * RowsPerCommit)]
    public async Task StoreAndTakeAwayAsync()
    {
        var old = _stored;
        await AppendAsync();
        await Task.WhenAll(old.Select(commit => _store.CommitAsync(commit with { Appends = [], Deletes = [.. commit.Appends.Select(row => row.Key)] })));
    }

    /// <summary>Reads what waits for one user.</summary>
    [Benchmark(OperationsPerInvoke = RowsPerCommit)]
    public Task<IReadOnlyList<StoredMessage>> ReadAsync() => _store.ReadAsync(7, "user-7", Place.Start, 100, 1 << 20, CancellationToken.None);

    private Task AppendAsync()
    {
        _stored =
        [
            .. _epochs.Select(
                (epoch, shard) =>
                    new OutboxCommit(
                        shard,
                        epoch,
                        [.. Enumerable.Range(0, RowsPerCommit).Select(_ => SampleRow.Create($"user-{shard}", new Place(epoch, ++_number)))],
                        [],
                        []
                    )
            ),
        ];
        return Task.WhenAll(_stored.Select(commit => _store.CommitAsync(commit)));
    }
}
