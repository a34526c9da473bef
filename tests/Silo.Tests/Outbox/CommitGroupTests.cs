using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>Changes that are written together, one of which fails.</summary>
public sealed class CommitGroupTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly OutboxDatabase _database;

    public CommitGroupTests() => _database = new OutboxDatabase(_folder.Path, NullLogger.Instance);

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task Change_ThatFailsBehindAnother_LeavesNothing_NeitherToRead_NorWritten()
    {
        using var group = new CommitGroup(_database, new KnownEpochs());
        var first = Change(group => group.Set("a"u8, [1], sync: false));
        var failing = Change(group =>
        {
            group.Set("a"u8, [2], sync: false);
            group.Set("b"u8, [2], sync: false);
            Assert.Equal([2], group.Get("a"u8));
            throw new InvalidDataException("damaged");
        });
        byte[]?[] seen = [];
        var last = Change(group => seen = [group.Get("a"u8), group.Get("b"u8)]);

        Assert.True(group.TryAdd(first));
        Assert.False(group.TryAdd(failing));
        Assert.True(group.TryAdd(last));
        group.Write();

        await Assert.ThrowsAsync<InvalidDataException>(() => failing.Task);
        Assert.Equal(
            [
                [1],
                null,
            ],
            seen
        );
        Assert.Equal([1], _database.Read(db => db.Get("a"u8.ToArray())));
        Assert.Null(_database.Read(db => db.Get("b"u8.ToArray())));
    }

    private static RecordChange<bool> Change(Action<CommitGroup> change) =>
        new(group =>
        {
            change(group);
            return true;
        });
}
