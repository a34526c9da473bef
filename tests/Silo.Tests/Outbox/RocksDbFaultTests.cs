using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Silo.Outbox.Rows;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>What the embedded engine does when its folder or its disk fails it.</summary>
public sealed class RocksDbFaultTests : IDisposable
{
    private const int Shard = 3;
    private const int Unavailable = 1400;
    private const int Recovered = 1401;

    private readonly TemporaryFolder _folder = new();
    private readonly LogCapture<RocksDbOutboxStore> _log = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task FullDisk_RefusesCommitsButReads_AndWorksAgainWhenThereIsRoom()
    {
        using var disk = new Mount(_folder.File("disk"), bytes: 32 << 20);
        using var store = Open(disk.Folder);
        var epoch = await store.OpenShardAsync(Shard, default);
        var stored = new List<Place>();
        await AppendAsync(store, epoch, stored, count: 200);

        disk.Fill();
        var refused = await Assert.ThrowsAsync<OutboxUnavailableException>(() => AppendAsync(store, epoch, stored, count: 100_000));

        Assert.Contains(disk.Folder, refused.Message);
        Assert.Contains("No space left", refused.Message);
        Assert.Equal(new OutboxHealth(false, refused.Message), store.Health);
        Assert.Equal(stored, await ReadPlacesAsync(store));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.OpenShardAsync(Shard + 1, default));
        Assert.Single(_log.Entries, entry => entry.Id == Unavailable);

        disk.MakeRoom();
        await Wait.Until(() => store.Health.Writable, () => $"the outbox to work again: {store.Health.Reason}");

        Assert.Equal(stored, (await ReadPlacesAsync(store)).Where(stored.Contains));
        await AppendAsync(store, epoch, stored, count: 200);
        Assert.Equal(stored, (await ReadPlacesAsync(store)).Where(stored.Contains));
        Assert.Single(_log.Entries, entry => entry.Id == Recovered);
    }

    [Fact]
    public async Task FullDisk_TimeAfterTime_LosesNothing()
    {
        using var disk = new Mount(_folder.File("disk"), bytes: 48 << 20);
        var store = Open(disk.Folder);
        var stored = new List<Place>();
        for (var round = 0; round < 5; round++)
        {
            var epoch = await store.OpenShardAsync(Shard, default);
            disk.Fill();
            await Assert.ThrowsAsync<OutboxUnavailableException>(() => AppendAsync(store, epoch, stored, count: 100_000, perCommit: 1 + round * 20));
            // Restarted in the middle of it, every other time.
            if (round % 2 == 1)
            {
                store.Dispose();
                store = Open(disk.Folder);
            }
            disk.MakeRoom();
            await Wait.Until(() => store.Health.Writable, () => $"the outbox to work again: {store.Health.Reason}");
            await AppendAsync(store, epoch, stored, count: 50);
            Assert.Equal(stored, (await ReadPlacesAsync(store)).Where(stored.Contains));
        }
        store.Dispose();
    }

    [Fact]
    public async Task ReadOnlyDisk_AtStart_IsNamed_AndTheOutboxOpensWhenItCanBeWritten()
    {
        using var disk = new Mount(_folder.File("disk"), bytes: 32 << 20);
        disk.SetReadOnly(true);
        var folder = Path.Combine(disk.Folder, "outbox");
        using var store = Open(folder);

        Assert.False(store.Health.Writable);
        Assert.Contains(folder, store.Health.Reason);
        Assert.Contains("Read-only", store.Health.Reason);
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.OpenShardAsync(Shard, default));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.ReadTallyAsync(Shard, "alice", default));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => store.FindAsync(Shard, "alice", "id", default));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => ReadPlacesAsync(store));

        disk.SetReadOnly(false);
        await Wait.Until(() => store.Health.Writable, () => $"the outbox to open: {store.Health.Reason}");

        Assert.Equal(1, await store.OpenShardAsync(Shard, default));
        Assert.Equal([Unavailable, Recovered], _log.Entries.Select(entry => entry.Id.Id));
    }

    [Fact]
    public async Task FolderBelowAFile_IsNamed_AndTheOutboxOpensWhenTheFileIsGone()
    {
        File.WriteAllText(_folder.File("file"), "");
        var folder = _folder.File("file/outbox");
        using var store = Open(folder);

        Assert.Contains(folder, store.Health.Reason);

        File.Delete(_folder.File("file"));
        await Wait.Until(() => store.Health.Writable, () => $"the outbox to open: {store.Health.Reason}");
    }

    [Fact]
    public async Task FolderOfAnotherProcess_IsNamed_AndTheOutboxOpensWhenItIsLeft()
    {
        var first = Open(_folder.Path);
        using var second = Open(_folder.Path);

        Assert.Contains("in use by another process", second.Health.Reason);
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => second.OpenShardAsync(Shard, default));
        Assert.Equal(1, await first.OpenShardAsync(Shard, default));

        first.Dispose();
        await Wait.Until(() => second.Health.Writable, () => $"the second outbox to open: {second.Health.Reason}");
        Assert.Equal(2, await second.OpenShardAsync(Shard, default));
    }

    [Fact]
    public async Task RowOfALaterVersion_IsRefused_AndStays()
    {
        var key = OutboxKeys.Row(new(), Shard, "alice", new Place(1, 1)).ToArray();
        byte[] later = [RowFormat.Version + 1, 1, 2, 3];
        using (var store = Open(_folder.Path))
        {
            await store.OpenShardAsync(Shard, default);
            await store.CommitAsync(new OutboxCommit(Shard, 1, [SampleRow.Create("alice", new Place(1, 2))], [], []));
        }
        using (var raw = RocksDbSharp.RocksDb.Open(DatabaseSettings.Create(), _folder.Path))
        {
            raw.Put(key, later);
            raw.Put(OutboxKeys.Expiry(new(), Shard, new ExpiryEntry(1000, "alice", new Place(1, 1))), []);
        }

        using (var store = Open(_folder.Path))
        {
            var refused = await Assert.ThrowsAsync<OutboxUnavailableException>(() => ReadPlacesAsync(store));
            Assert.Contains("format 2", refused.Message);
            // The sweep passes it by.
            Assert.Empty(await store.FindExpiredAsync(1000, 10, default));
            Assert.Equal([new ExpiredUser(Shard, "alice")], await store.FindExpiredAsync(long.MaxValue - 1, 10, default));
            Assert.Equal([new Place(1, 2)], (await store.ReadAsync(Shard, "alice", new Place(1, 1), 10, 1000, default)).Select(row => row.Place));
        }
        using (var raw = RocksDbSharp.RocksDb.Open(DatabaseSettings.Create(), _folder.Path))
            Assert.Equal(later, raw.Get(key));
    }

    [Fact]
    public async Task DamagedRow_OfAnyLength_IsRefused()
    {
        using (var store = Open(_folder.Path))
            await store.OpenShardAsync(Shard, default);
        var whole = RowFormat.Write(new(), SampleRow.Create("alice", new Place(1, 1), "id")).ToArray();

        for (var length = 0; length < whole.Length; length++)
            Assert.Throws<OutboxUnavailableException>(() => RowFormat.Read("alice", new Place(1, 1), whole.AsSpan(0, length)));
        Assert.Throws<OutboxUnavailableException>(() => RowFormat.Read("alice", new Place(1, 1), [.. whole, 0]));
        Assert.Equal(300, RowFormat.Read("alice", new Place(1, 1), whole).Notification.Body.Length);
    }

    [Fact]
    public async Task DamagedTableFile_IsAFault_AndNotTheEndOfTheRows()
    {
        using (var store = Open(_folder.Path))
            await AppendAsync(store, await store.OpenShardAsync(Shard, default), [], count: 2000);
        // Opening writes the log's rows into a table file.
        Open(_folder.Path).Dispose();
        var table = Assert.Single(Directory.GetFiles(_folder.Path, "*.sst"));
        var bytes = File.ReadAllBytes(table);
        bytes.AsSpan(bytes.Length / 3, 40).Fill(0x5A);
        File.WriteAllBytes(table, bytes);

        using (var store = Open(_folder.Path))
        {
            var fault = await Assert.ThrowsAsync<OutboxUnavailableException>(() => ReadPlacesAsync(store));
            Assert.Contains("orruption", fault.Message);
        }
    }

    [Fact]
    public async Task DamagedLog_IsNotOpened_AndNothingOfItIsThrownAway()
    {
        var stored = new List<Place>();
        using (var store = Open(_folder.Path))
            await AppendAsync(store, await store.OpenShardAsync(Shard, default), stored, count: 2000);
        var log = Assert.Single(Directory.GetFiles(_folder.Path, "*.log"));
        var whole = File.ReadAllBytes(log);
        var damaged = whole.ToArray();
        damaged.AsSpan(damaged.Length / 2, 40).Fill(0x5A);
        File.WriteAllBytes(log, damaged);

        using (var store = Open(_folder.Path))
            Assert.Contains("orruption", store.Health.Reason);

        File.WriteAllBytes(log, whole);
        using (var store = Open(_folder.Path))
            Assert.Equal(stored, await ReadPlacesAsync(store));
    }

    [Fact]
    public async Task LogCutOffInItsLastRecord_IsOpened()
    {
        var stored = new List<Place>();
        using (var store = Open(_folder.Path))
            await AppendAsync(store, await store.OpenShardAsync(Shard, default), stored, count: 20, perCommit: 1);
        var log = Assert.Single(Directory.GetFiles(_folder.Path, "*.log"));
        using (var file = File.OpenWrite(log))
            file.SetLength(file.Length - 100);

        using (var store = Open(_folder.Path))
            Assert.Equal(stored.SkipLast(1), await ReadPlacesAsync(store));
    }

    [Fact]
    public async Task ExpiryEntryWithoutItsRow_IsTakenAwayByTheSweep()
    {
        using (var store = Open(_folder.Path))
        {
            var epoch = await store.OpenShardAsync(Shard, default);
            foreach (var time in (long[])[1000, 2000])
                await store.CommitAsync(new OutboxCommit(Shard, epoch, [SampleRow.Create("alice", new Place(epoch, 1), expiresAt: time)], [], []));
            Assert.Empty(await store.FindExpiredAsync(1999, 10, default));
        }

        using var raw = RocksDbSharp.RocksDb.Open(DatabaseSettings.Create(), _folder.Path);
        Assert.Null(raw.Get(OutboxKeys.Expiry(new(), Shard, new ExpiryEntry(1000, "alice", new Place(1, 1)))));
        Assert.NotNull(raw.Get(OutboxKeys.Expiry(new(), Shard, new ExpiryEntry(2000, "alice", new Place(1, 1)))));
    }

    [Fact]
    public async Task Closed_RefusesWhoComesLater()
    {
        var store = Open(_folder.Path);
        var epoch = await store.OpenShardAsync(Shard, default);
        store.Dispose();

        await Assert.ThrowsAsync<OutboxUnavailableException>(() => AppendAsync(store, epoch, [], count: 1));
        await Assert.ThrowsAsync<OutboxUnavailableException>(() => ReadPlacesAsync(store));
        Assert.False(store.Health.Writable);
    }

    [Fact]
    public async Task Row_TakesAtMost600Bytes()
    {
        const int Rows = 10_000;
        using var store = Open(_folder.Path);
        var epoch = await store.OpenShardAsync(Shard, default);
        var before = DiskBytes();

        for (var first = 1; first <= Rows; first += 50)
        {
            var rows = Enumerable
                .Range(first, 50)
                .Select(number => SampleRow.Create($"user-{number % 500}", new Place(epoch, number), Guid.NewGuid().ToString()));
            await store.CommitAsync(
                new OutboxCommit(Shard, epoch, [.. rows], [], [.. rows.Select(row => new UserTally(row.User, new MailboxTally(20, 10_000, 0)))])
            );
        }

        Assert.InRange((DiskBytes() - before) / (double)Rows, 100, 600);
    }

    private RocksDbOutboxStore Open(string folder) => OutboxFolder.Open(folder, _log);

    /// <summary>Appends rows behind those of the list, and adds to it what is completed.</summary>
    private static async Task AppendAsync(IOutboxStore store, long epoch, List<Place> stored, int count, int perCommit = 10)
    {
        for (var appended = 0; appended < count; appended += perCommit)
        {
            var number = stored.Count > 0 && stored[^1].Epoch == epoch ? stored[^1].Number : 0;
            StoredMessage[] rows = [.. Enumerable.Range(1, perCommit).Select(i => SampleRow.Create("alice", new Place(epoch, number + i)))];
            await store.CommitAsync(new OutboxCommit(Shard, epoch, rows, [], []));
            stored.AddRange(rows.Select(row => row.Place));
        }
    }

    private static async Task<IEnumerable<Place>> ReadPlacesAsync(IOutboxStore store) =>
        (await store.ReadAsync(Shard, "alice", Place.Start, int.MaxValue, int.MaxValue, default)).Select(row => row.Place);

    private long DiskBytes() => new DirectoryInfo(_folder.Path).EnumerateFiles().Sum(file => file.Length);
}
