using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>The order of commits, and that of a shard's owners: a stale one changes nothing, and fails alone.</summary>
public abstract partial class OutboxStoreContract
{
    [Fact]
    public async Task OpenShard_RaisesTheEpochForGood()
    {
        var store = Open();
        Assert.Equal(1, await store.OpenShardAsync(Shard, default));
        Assert.Equal(2, await store.OpenShardAsync(Shard, default));
        Assert.Equal(1, await store.OpenShardAsync(1023, default));
        await CloseAsync(store);

        store = Open();

        Assert.Equal(3, await store.OpenShardAsync(Shard, default));
        Assert.Equal(2, await store.OpenShardAsync(1023, default));
    }

    [Fact]
    public async Task Commit_OfAStaleOwner_ChangesNothing()
    {
        var store = Open();
        var old = await store.OpenShardAsync(Shard, default);
        var row = SampleRow.Create("alice", new Place(old, 1), "id");
        await store.CommitAsync(new OutboxCommit(Shard, old, [row], [], [new UserTally("alice", new MailboxTally(1, 2, 3))]));
        var current = await store.OpenShardAsync(Shard, default);

        foreach (var epoch in (long[])[old, 0, current + 1])
        {
            await Assert.ThrowsAsync<StaleEpochException>(() =>
                store.CommitAsync(
                    new OutboxCommit(Shard, epoch, [SampleRow.Create("alice", new Place(epoch, 2))], [row.Key], [new UserTally("alice", default)])
                )
            );
        }

        Assert.Equal([row.Place], (await ReadAllAsync(store, "alice")).Select(each => each.Place));
        Assert.Equal(new MailboxTally(1, 2, 3), await store.ReadTallyAsync(Shard, "alice", default));
        Assert.Equal(row.Place, await store.FindAsync(Shard, "alice", "id", default));
    }

    [Fact]
    public async Task StaleOwner_AmongOthers_FailsAlone()
    {
        const int Shards = 10,
            Stale = 4;
        var store = Open();
        var epochs = await Task.WhenAll(Enumerable.Range(0, Shards).Select(shard => store.OpenShardAsync(shard, default)));
        await store.OpenShardAsync(Stale, default);

        // Not awaited: they are written together.
        var commits = Enumerable
            .Range(0, Shards)
            .Select(shard =>
                store.CommitAsync(
                    new OutboxCommit(
                        shard,
                        epochs[shard],
                        [SampleRow.Create("alice", new Place(epochs[shard], 1))],
                        [],
                        [new UserTally("alice", new MailboxTally(1, 1, 0))]
                    )
                )
            )
            .ToArray();

        for (var shard = 0; shard < Shards; shard++)
        {
            if (shard == Stale)
                await Assert.ThrowsAsync<StaleEpochException>(() => commits[Stale]);
            else
                await commits[shard];
            var count = shard == Stale ? 0 : 1;
            Assert.Equal(count, (await store.ReadAsync(shard, "alice", Place.Start, 10, int.MaxValue, default)).Count);
            Assert.Equal(count, (await store.ReadTallyAsync(shard, "alice", default)).Messages);
        }
    }

    [Fact]
    public async Task Commits_InFlightWhenAShardIsTaken_CountBeforeItAndNotAfter()
    {
        var store = Open();
        var owners = new List<long> { await store.OpenShardAsync(Shard, default) };
        var commits = new List<(bool Before, Task Task)>();
        var others = new List<Task>();
        for (var round = 0; round < 200; round++)
        {
            var epoch = owners[^1];
            // All of it may share one group: the calls' order alone says what counts.
            commits.Add((true, store.CommitAsync(Commit(epoch, [SampleRow.Create("alice", new Place(epoch, 1))]))));
            var opened = store.OpenShardAsync(Shard, default);
            commits.Add((false, store.CommitAsync(Commit(epoch, [SampleRow.Create("alice", new Place(epoch, 2))]))));
            others.Add(OpenAndCommitAsync(store, Shard + 1 + round));
            owners.Add(await opened);
        }

        foreach (var (before, task) in commits)
        {
            if (before)
                await task;
            else
                await Assert.ThrowsAsync<StaleEpochException>(() => task);
        }
        await Task.WhenAll(others);
        Assert.Equal(owners.SkipLast(1).Select(epoch => new Place(epoch, 1)), (await ReadAllAsync(store, "alice")).Select(row => row.Place));
    }

    [Fact]
    public async Task ManyCallers_AtOnce_LoseNothing()
    {
        const int Callers = 64,
            Commits = 50;
        var store = Open();
        var epochs = await Task.WhenAll(Enumerable.Range(0, Callers).Select(shard => store.OpenShardAsync(shard, default)));

        await Task.WhenAll(
            Enumerable
                .Range(0, Callers)
                .Select(shard =>
                    Task.Run(async () =>
                    {
                        var user = $"user-{shard}";
                        for (var number = 1; number <= Commits; number++)
                        {
                            await store.CommitAsync(
                                new OutboxCommit(shard, epochs[shard], [SampleRow.Create(user, new Place(1, number), $"{number}")], [], [])
                            );
                            // What is completed is seen at once.
                            var newest = await store.ReadAsync(shard, user, new Place(1, number - 1), 10, int.MaxValue, default);
                            Assert.Equal(new Place(1, number), Assert.Single(newest).Place);
                        }
                    })
                )
        );

        for (var shard = 0; shard < Callers; shard++)
        {
            var rows = await store.ReadAsync(shard, $"user-{shard}", Place.Start, 1000, int.MaxValue, default);
            Assert.Equal(Enumerable.Range(1, Commits).Select(number => new Place(1, number)), rows.Select(row => row.Place));
        }
    }

    [Fact]
    public async Task Commits_NotAwaited_TakeEffectInTheOrderOfTheCalls()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var row = SampleRow.Create("alice", new Place(epoch, 1));
        var commits = new List<Task>();
        for (var round = 0; round < 500; round++)
        {
            commits.Add(store.CommitAsync(new OutboxCommit(Shard, epoch, [row], [], [new UserTally("alice", new MailboxTally(1, round, 0))])));
            commits.Add(store.CommitAsync(new OutboxCommit(Shard, epoch, [], [row.Key], [])));
        }
        await Task.WhenAll(commits);

        Assert.Empty(await ReadAllAsync(store, "alice"));
        Assert.Equal(new MailboxTally(1, 499, 0), await store.ReadTallyAsync(Shard, "alice", default));
    }
}
