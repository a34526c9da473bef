using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <content>Durable subscriptions, which have mailboxes of their own.</content>
public abstract partial class OutboxStoreContract
{
    [Fact]
    public async Task Durables_AreKeptReplacedAndEnded_EachForItsShardAndOwner()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        var neighbour = await store.OpenShardAsync(Shard + 1, default);
        var phone = new DurableMailbox("alice", "phone", "notifications", "user.alice.#", 1);
        var laptop = phone with { Name = "laptop" };
        var bobs = phone with { User = "bob\u0001", Pattern = "user.bob.*" };
        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [], []) { DurablesKept = [phone, laptop, bobs] });
        await store.CommitAsync(new OutboxCommit(Shard + 1, neighbour, [], [], []) { DurablesKept = [phone with { SeenAt = 9 }] });

        await store.CommitAsync(
            new OutboxCommit(Shard, epoch, [], [], [])
            {
                DurablesKept = [phone with { SeenAt = 2 }],
                DurablesEnded = [laptop, laptop with { Name = "never was" }],
            }
        );
        await Assert.ThrowsAsync<StaleEpochException>(() => store.CommitAsync(new OutboxCommit(Shard, epoch - 1, [], [], []) { DurablesEnded = [phone] }));
        await CloseAsync(store);
        store = Open();

        Assert.Equal([phone with { SeenAt = 2 }, bobs], await DurablesAsync(Shard));
        Assert.Equal([phone with { SeenAt = 9 }], await DurablesAsync(Shard + 1));
        Assert.Empty(await DurablesAsync(Shard - 1));

        async Task<IEnumerable<DurableMailbox>> DurablesAsync(int shard) =>
            (await store.ReadDurablesAsync(shard, default)).OrderBy(mailbox => mailbox.User, StringComparer.Ordinal);
    }

    [Fact]
    public async Task Durables_TakeEffectWithAllElseOfTheirCommit_OrNotAtAll()
    {
        var store = Open();
        var former = await store.OpenShardAsync(Shard, default);
        var epoch = await store.OpenShardAsync(Shard, default);
        var phone = new DurableMailbox("alice", "phone", "notifications", "user.alice.#", 1);
        var laptop = phone with { Name = "laptop" };
        // A durable subscription's mailbox beside its user's own.
        var own = SampleRow.Create("alice", new Place(epoch, 1), "id");
        var copy = SampleRow.Create("alice\u001fphone", new Place(epoch, 2), "id") with { Twin = 1 };
        await store.CommitAsync(
            new OutboxCommit(Shard, epoch, [own, copy], [], [new UserTally("alice\u001fphone", new MailboxTally(1, 2, 0))]) { DurablesKept = [phone] }
        );

        await Assert.ThrowsAsync<StaleEpochException>(() =>
            store.CommitAsync(
                new OutboxCommit(Shard, former, [SampleRow.Create("alice", new Place(former, 9))], [own.Key], [])
                {
                    DurablesKept = [laptop, phone with { SeenAt = 9 }],
                    DurablesEnded = [phone],
                }
            )
        );
        Assert.Equal([phone], await store.ReadDurablesAsync(Shard, default));
        Assert.Equal([Describe(own)], (await ReadAllAsync(store, "alice")).Select(Describe));
        Assert.Equal([Describe(copy)], (await ReadAllAsync(store, "alice\u001fphone")).Select(Describe));
        Assert.Equal(default, await store.ReadTallyAsync(Shard, "alice", default));

        await store.CommitAsync(
            new OutboxCommit(Shard, epoch, [], [copy.Key], [new UserTally("alice\u001fphone", default)]) { DurablesKept = [laptop], DurablesEnded = [phone] }
        );
        await CloseAsync(store);
        store = Open();
        Assert.Equal([laptop], await store.ReadDurablesAsync(Shard, default));
        Assert.Single(await ReadAllAsync(store, "alice"));
        Assert.Empty(await ReadAllAsync(store, "alice\u001fphone"));
        Assert.Equal(default, await store.ReadTallyAsync(Shard, "alice\u001fphone", default));
    }

    [Fact]
    public async Task Durables_OfManyUsersUnderOneName_AreApart_WhateverTheirTexts()
    {
        var store = Open();
        var epoch = await store.OpenShardAsync(Shard, default);
        // As long as AMQP and the authority let them be. A client writes the pattern.
        var texts = Ids.Where(text => !ShortString.IsTooLong(text)).ToArray();
        var mailboxes = texts.Select((text, i) => new DurableMailbox(text, "phone", texts[^(i + 1)], text, i)).ToArray();
        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [], []) { DurablesKept = mailboxes });
        Assert.Equal(mailboxes, await DurablesAsync());

        await store.CommitAsync(new OutboxCommit(Shard, epoch, [], [], []) { DurablesEnded = [mailboxes[1]] });
        Assert.Equal(mailboxes.Where((_, i) => i != 1), await DurablesAsync());

        async Task<IEnumerable<DurableMailbox>> DurablesAsync() => (await store.ReadDurablesAsync(Shard, default)).OrderBy(mailbox => mailbox.SeenAt);
    }
}
