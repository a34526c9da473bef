using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>Durable subscriptions to one's own messages: each has a mailbox of its own.</summary>
public sealed class DurableMailboxTests : SiloWithEdge
{
    private static readonly string Phone = MailboxKey.OfDurable("alice", "phone");
    private static readonly string Laptop = MailboxKey.OfDurable("alice", "laptop");

    internal override Task<TestSilo> StartSiloAsync(string folder) =>
        TestSilo.StartAsync(
            folder,
            options => (options.MaxDurablePerUser, options.TakeoverGrace) = (3, Wait.DefaultTimeout),
            limits => limits with { MaxMessagesPerUser = 5 }
        );

    [Fact]
    public async Task Devices_EachGetsEachMessageOnce_AndItIsSafeWhenAllHaveIt()
    {
        await SubscribeAsync(Phone);
        await SubscribeAsync(Laptop);
        await SubscribeAsync("alice");

        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await Wait.Until(() => Edge.Received.Count == 6, "two messages for each of three");
        foreach (var mailbox in (string[])[Phone, Laptop, "alice"])
            Assert.Equal(["1", "2"], BodiesOf(mailbox));
        Assert.All(Edge.Received, push => Assert.False(push.Redelivered));
        await Edge.SettleAsync(Edge.Received);

        await SettledAsync(2);
        foreach (var mailbox in (string[])[Phone, Laptop, "alice"])
            await EmptyAsync(mailbox);
        // It is offered again when the settlement was lost, and is known everywhere.
        await Silo.OfferAsync("alice", 0, Offer(3, "alice"));
        await Wait.Until(() => Edge.Received.Count == 9, "the next message for each");
    }

    [Fact]
    public async Task Device_WasAway_GetsWhatCameInOrder_AndTheUserNeedNotGetItAgain()
    {
        var first = await SubscribeAsync(Phone);
        await Edge.UnsubscribeAsync(Phone, first);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice", key: "user.alice.done"), Offer(3, "alice"));
        await SettledAsync(3);
        await RestartAsync();

        await SubscribeAsync(Phone);
        await Silo.OfferAsync("alice", 0, Offer(4, "alice"));
        await Wait.Until(() => Edge.Received.Count == 4, "what came meanwhile, and the next");
        Assert.Equal(["1", "2", "3", "4"], BodiesOf(Phone));
        await Edge.SettleAsync(Edge.Received);

        await SettledAsync(4);
        await EmptyAsync(Phone);
        await EmptyAsync("alice");
    }

    [Fact]
    public async Task User_HasIt_TheDeviceGetsItNevertheless()
    {
        var first = await SubscribeAsync(Phone);
        await Edge.UnsubscribeAsync(Phone, first);
        await SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message");
        await Edge.SettleAsync(Edge.Received);
        await SettledAsync(1);

        await SubscribeAsync(Phone);

        await Wait.Until(() => BodiesOf(Phone).Contains("1"), "the message at the device");
    }

    [Fact]
    public async Task Pattern_NarrowerThanTheUsersKeys_TakesWhatItMatches()
    {
        await Edge.SubscribeAsync(Phone, "user.alice.print.#");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice", key: "user.alice.print.done"));

        await Wait.Until(() => Edge.Received.Count == 1, "the message");
        Assert.Equal(["2"], BodiesOf(Phone));
        await SettledAsync(1);
    }

    [Fact]
    public async Task Forgotten_NothingIsKeptAnyMore_AndAnotherSessionOnItIsTold()
    {
        var first = await SubscribeAsync(Phone);
        var other = await SubscribeAsync(Phone);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => Edge.Received.Count == 2, "the message at both");
        await Edge.UnsubscribeAsync(Phone, first);

        await Edge.ForgetAsync(Phone);

        await Wait.Until(() => Edge.Received.Any(push => push.IsEnd && push.Subscription == other), "the other session to be told");
        await EmptyAsync(Phone);
        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        await SettledAsync(2);
        await EmptyAsync(Phone);
        await RestartAsync();
        Assert.Empty(await Silo.Store.ReadDurablesAsync(ShardMap.ShardOf("alice"), default));
    }

    [Fact]
    public async Task Forgotten_AndBegunAgain_IsToldNothingOfItsFormerLife()
    {
        await Edge.UnsubscribeAsync(Phone, await SubscribeAsync(Phone));
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 7).Select(tag => Offer((ulong)tag, "alice"))]);
        await SettledAsync(7);
        Assert.Equal(2, (await TallyAsync(Phone)).Dropped);

        await Edge.ForgetAsync(Phone);

        Assert.Equal(default, await TallyAsync(Phone));
        await SubscribeAsync(Phone);
        await Silo.OfferAsync("alice", 0, Offer(8, "alice"));
        await Wait.Until(() => Edge.Received.Count == 1, "the next message");
        Assert.Equal(("8", 0), (Edge.Received[0].Notification.Text(), Edge.Received[0].Dropped));
    }

    [Fact]
    public async Task Forgotten_BegunAgainBeforeItIsCleared_KeepsWhatComesThen()
    {
        await Edge.UnsubscribeAsync(Phone, await SubscribeAsync(Phone));
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        // It is cleared behind what is being done for the mailbox.
        var release = Silo.Store.HoldReads();
        var before = Silo.ShardOf(Phone).ExpireAsync([Phone]);
        await Wait.Until(() => Silo.Store.HeldReads == 1, "the mailbox to be read");
        var forgetting = Edge.ForgetAsync(Phone);
        await Wait.Until(async () => (await Silo.Store.ReadDurablesAsync(ShardMap.ShardOf(Phone), default)).Count == 0, "the subscription to end");

        var again = SubscribeAsync(Phone);
        await Wait.Until(async () => (await Silo.Store.ReadDurablesAsync(ShardMap.ShardOf(Phone), default)).Count == 1, "the next of its name to begin");
        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        release.SetResult();
        await Task.WhenAll(before, forgetting, again);
        await Wait.Until(() => Edge.Received.Count == 1, "the message");
        await RestartAsync();

        await SubscribeAsync(Phone);
        await Wait.Until(() => Edge.Received.Count == 1, "the message again, which nobody has settled");
        Assert.Equal(["2"], BodiesOf(Phone));
    }

    [Fact]
    public async Task Forgotten_BegunAgain_GetsNothingThatWasHeldForTheFormer()
    {
        await SubscribeAsync(Phone);
        await RestartAsync();
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", persistent: false));
        await SettledAsync(1);

        await Edge.ForgetAsync(Phone);

        await SubscribeAsync(Phone);
        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        await Wait.Until(() => BodiesOf(Phone).Contains("2"), "the next message");
        Assert.Equal(["2"], BodiesOf(Phone));
    }

    [Fact]
    public async Task Forgotten_AndRegisteredAgainByASessionThatHadIt_DoesNotBeginAnew()
    {
        var epoch = (await Edge.RegisterAsync(Phone, 1, "user.alice.#")).Epoch;
        await Edge.RegisterAsync(Laptop, 2, "user.alice.#");
        await Edge.ForgetAsync(Phone);
        await RestartAsync();

        var phone = await Edge.RegisterAsync(Phone, 1, "user.alice.#", lastEpoch: epoch);
        var laptop = await Edge.RegisterAsync(Laptop, 2, "user.alice.#", lastEpoch: epoch);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));

        Assert.Equal([1], phone.Ended!);
        Assert.Empty(laptop.Ended!);
        await Wait.Until(() => Edge.Received.Count == 1, "the message at the other device");
        Assert.Equal(Laptop, Edge.Received[0].User);
        Assert.Equal(["laptop"], (await Silo.Store.ReadDurablesAsync(ShardMap.ShardOf("alice"), default)).Select(durable => durable.Name));
        // Who subscribes anew begins it.
        Assert.Empty((await Edge.RegisterAsync(Phone, 3, "user.alice.#")).Ended!);
    }

    [Fact]
    public async Task Forgotten_ButIsNoDurableSubscription_EverythingStays()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        var session = await SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Count == 1, "the stored message");

        await Edge.ForgetAsync("alice");

        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        await Wait.Until(() => Edge.Received.Count == 2, "the next message");
        Assert.All(Edge.Received, push => Assert.Equal((session, false), (push.Subscription, push.IsEnd)));
        await Edge.UnsubscribeAsync("alice", session);
        await SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Count == 4, "both for the next session");
        Assert.Equal(["1", "2", "1", "2"], BodiesOf("alice"));
    }

    [Fact]
    public async Task Devices_MoreThanAllowed_AreRefused_AndOthersAreNot()
    {
        await SubscribeAsync(Phone);
        await SubscribeAsync(Laptop);
        await SubscribeAsync(MailboxKey.OfDurable("alice", "watch"));

        var reply = await Edge.RegisterAsync(MailboxKey.OfDurable("alice", "fridge"), 100, "user.alice.#");
        var known = await Edge.RegisterAsync(Phone, 101, "user.alice.#");
        var bobs = await Edge.RegisterAsync(MailboxKey.OfDurable("bob", "phone"), 102, "user.bob.#");

        Assert.Equal([100], reply.Refused!);
        Assert.Empty(known.Refused!);
        Assert.Empty(bobs.Refused!);
    }

    private Task<long> SubscribeAsync(string mailbox) => Edge.SubscribeAsync(mailbox, "user.alice.#");

    private IEnumerable<string> BodiesOf(string mailbox) =>
        Edge.Received.Where(push => push.User == mailbox && !push.IsEnd).Select(push => push.Notification.Text());

    private Task EmptyAsync(string mailbox) =>
        Wait.Until(
            async () => (await Silo.Store.ReadTallyAsync(ShardMap.ShardOf(mailbox), mailbox, default)).Messages == 0,
            $"nothing to wait for '{mailbox}'"
        );
}
