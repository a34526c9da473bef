using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>What is found by its time: users whose messages wait too long, and rows that have ended.</summary>
public abstract partial class OutboxStoreContract
{
    [Fact]
    public async Task FindDue_GivesThoseWhoseTimeHasCome_TheLongestDueFirst()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        await store.CommitAsync(
            new OutboxCommit(
                Shard,
                epoch,
                [],
                [],
                [
                    .. new[] { ("late", 300L), ("first", 100), ("second", 256), ("told", MailboxTally.Told), ("none", 0) }.Select(user => new UserTally(
                        user.Item1,
                        new MailboxTally(1, 2, 3, user.Item2)
                    )),
                ]
            )
        );

        Assert.Empty(await DueAsync(99));
        Assert.Equal(["first"], await DueAsync(100));
        Assert.Equal(["first", "second", "late"], await DueAsync(300));
        Assert.Equal(["first", "second"], await DueAsync(300, maxCount: 2));
        Assert.Equal(new MailboxTally(1, 2, 3, MailboxTally.Told), await store.ReadTallyAsync(Shard, "told", default));

        // One is told, one has come and gone, one has been delivered all.
        await store.CommitAsync(
            new OutboxCommit(
                Shard,
                epoch,
                [],
                [],
                [
                    new UserTally("first", new MailboxTally(1, 2, 3, MailboxTally.Told)),
                    new UserTally("second", new MailboxTally(1, 2, 3, 400)),
                    new UserTally("late", default),
                ]
            )
        );
        Assert.Empty(await DueAsync(399));
        Assert.Equal(["second"], await DueAsync(400));
        await CloseAsync(store);
        store = Open();
        Assert.Equal(["second"], await DueAsync(400));

        async Task<IEnumerable<string>> DueAsync(long now, int maxCount = 100) => (await store.FindDueAsync(now, maxCount, default)).Select(due => due.User);
    }

    [Fact]
    public async Task FindExpired_NamesEachUserOnce_FromItsTimeOn()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        await store.CommitAsync(
            Commit(epoch, [.. Enumerable.Range(0, 30).Select(i => SampleRow.Create($"user-{i % 10}", new Place(epoch, i + 1), expiresAt: 1000 + i))])
        );

        // From files as well as from memory.
        await CloseAsync(store);
        store = Open();

        Assert.Empty(await store.FindExpiredAsync(999, 100, default));
        Assert.Equal([new ExpiredUser(Shard, "user-0")], await store.FindExpiredAsync(1000, 100, default));
        Assert.Equal(10, (await store.FindExpiredAsync(1029, 100, default)).Count);
        Assert.Equal(4, (await store.FindExpiredAsync(1029, 4, default)).Count);
    }

    [Fact]
    public async Task ReadExpired_GivesThoseWhoseTimeHasEnded_InTheOrderOfTheirPlaces()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var rows = Enumerable
            .Range(1, 10)
            .Select(number => SampleRow.Create("alice", new Place(epoch, number), expiresAt: number % 2 == 0 ? 1000 : 1000 + number))
            .ToArray();
        await store.CommitAsync(Commit(epoch, [.. rows, SampleRow.Create("bob", new Place(epoch, 11), expiresAt: 1)]));
        var size = rows[0].Notification.Size;

        Assert.Empty(await ReadAsync(999));
        Assert.Equal([2, 4, 6, 8, 10], await ReadAsync(1000));
        Assert.Equal([1, 2, 3, 4, 6, 8, 10], await ReadAsync(1003));
        Assert.Equal([2, 4], await ReadAsync(1000, maxCount: 2));
        Assert.Equal([6, 8], await ReadAsync(1000, after: 4, maxBytes: size + 1));

        async Task<IEnumerable<long>> ReadAsync(long now, long after = 0, int maxCount = 100, int maxBytes = int.MaxValue) =>
            (await store.ReadExpiredAsync(Shard, "alice", now, new Place(epoch, after), maxCount, maxBytes, default)).Select(row => row.Place.Number);
    }
}
