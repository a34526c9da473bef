using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>What a user's mailbox keeps for a session that went without a goodbye; with one real silo, its outbox and an edge that the test plays.</summary>
public sealed class RefreshGapTests : SiloWithEdge
{
    internal override Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder, options => options.MaxMessagesInMemory = 50);

    [Fact]
    public async Task LostSession_Successor_GetsWhatWasUnprovedAndWhatCameMeanwhileInOrder()
    {
        var lost = await Edge.SubscribeAsync("alice");
        await OfferAsync("1", "2t", "3", "4t");
        await ReceivedAsync(lost, 4);
        await Edge.SettleAsync(Of(lost)[..2]);
        await Edge.LoseAsync("alice", lost);
        await OfferAsync("5t", "6", "7t");

        var next = await Edge.SubscribeAsync("alice");
        await OfferAsync("8t", "9");

        await ReceivedAsync(next, 7);
        Assert.Equal([("3", true), ("4t", true), ("5t", false), ("6", false), ("7t", false), ("8t", false), ("9", false)], Messages(next));
        Assert.All(Of(next), push => Assert.Equal(0, push.Dropped));
        await Edge.SettleAsync(Of(next));
        await Wait.Until(async () => (await TallyAsync()).Messages == 0, "stored rows to go when they are settled");
    }

    [Fact]
    public async Task LostSession_PersistentMessagesMeanwhile_AreStoredAtOnce()
    {
        await Edge.LoseAsync("alice", await Edge.SubscribeAsync("alice"));

        await OfferAsync("1");

        await Wait.Until(() => Silo.Settled.Contains(1), "the message to be stored: nobody is there to settle it");
        Assert.Equal(1, (await TallyAsync()).Messages);
    }

    [Fact]
    public async Task LostSession_SecondSuccessor_IsANewOne()
    {
        await Edge.LoseAsync("alice", await Edge.SubscribeAsync("alice"));
        await OfferAsync("1t", "2");

        var first = await Edge.SubscribeAsync("alice");
        await ReceivedAsync(first, 2);
        await Edge.SettleAsync(Of(first));
        await Wait.Until(async () => (await TallyAsync()).Messages == 0, "the stored message to go");
        var second = await Edge.SubscribeAsync("alice");
        await OfferAsync("3t");

        await ReceivedAsync(second, 1);
        Assert.Equal([("3t", false)], Messages(second));
    }

    [Fact]
    public async Task LostSession_SubscriptionToAnotherDestination_GetsTheUndeliveredAlone()
    {
        await Edge.LoseAsync("alice", await Edge.SubscribeAsync("alice"));
        await OfferAsync("1t", "2");

        var other = await Edge.SubscribeAsync("alice", "user.alice");
        await ReceivedAsync(other, 1);
        var same = await Edge.SubscribeAsync("alice");

        await ReceivedAsync(same, 2);
        Assert.Equal([("2", false)], Messages(other));
        Assert.Equal(["1t", "2"], Of(same).Select(push => push.Notification.Text()));
    }

    [Fact]
    public async Task LostSession_AnotherTabSettlesMeanwhile_SuccessorGetsItAllTheSame()
    {
        var tab = await Edge.SubscribeAsync("alice");
        var lost = await Edge.SubscribeAsync("alice");
        await OfferAsync("1", "2t");
        await ReceivedAsync(lost, 2);
        await Edge.LoseAsync("alice", lost);
        await OfferAsync("3", "4t", "5");
        await ReceivedAsync(tab, 5);
        // Message 3 is settled from memory, message 5 from disk.
        await Edge.SettleAsync(Of(tab)[..4]);
        await Wait.Until(() => Silo.Settled.Contains(5), "message 5 to be stored");
        await Edge.SettleAsync(Of(tab)[4..]);
        await Wait.Until(async () => (await TallyAsync()).Messages == 0, "message 5 to go");

        var next = await Edge.SubscribeAsync("alice");

        await ReceivedAsync(next, 5);
        Assert.Equal(["1", "2t", "3", "4t", "5"], Of(next).Select(push => push.Notification.Text()));
        // Another tab had each of them before this one came.
        Assert.All(Of(next), push => Assert.True(push.Redelivered));
        Assert.Equal(5, Of(tab).Count);
    }

    [Fact]
    public async Task LostSession_AnotherTabSettlesMeanwhile_WhoLagsGetsItTooAndIsToldOfNoGap()
    {
        await OfferAsync("1", "2");
        await Wait.Until(() => Silo.Settled.Contains(2), "both to be stored");
        var lost = await Edge.SubscribeAsync("alice", "user.alice", maxMessages: 1);
        var slow = await Edge.SubscribeAsync("alice", maxMessages: 1);
        var quick = await Edge.SubscribeAsync("alice");
        await ReceivedAsync(quick, 2);
        await ReceivedAsync(slow, 1);
        await Edge.LoseAsync("alice", lost);
        await Edge.SettleAsync(Of(quick));
        await Wait.Until(async () => (await TallyAsync()).Messages == 0, "both to go");

        await Edge.SettleAsync(Of(slow));

        await ReceivedAsync(slow, 2);
        Assert.Equal(("2", 0), (Of(slow)[1].Notification.Text(), Of(slow)[1].Dropped));
    }

    [Fact]
    public async Task DeliberateLeave_KeepsNothingTransient()
    {
        var left = await Edge.SubscribeAsync("alice");
        await OfferAsync("1t", "2");
        await ReceivedAsync(left, 2);
        await Edge.UnsubscribeAsync("alice", left);
        await OfferAsync("3t", "4");

        var next = await Edge.SubscribeAsync("alice");
        await OfferAsync("5t");

        await ReceivedAsync(next, 3);
        Assert.Equal([("2", true), ("4", false), ("5t", false)], Messages(next));
    }

    [Fact]
    public async Task KeptMessages_BeyondMemory_AreDroppedAndTold()
    {
        await Edge.LoseAsync("alice", await Edge.SubscribeAsync("alice"));
        await OfferAsync([.. Enumerable.Range(1, 70).Select(tag => $"{tag}t")]);

        var next = await Edge.SubscribeAsync("alice");

        await ReceivedAsync(next, 50);
        Assert.Equal("21t", Of(next)[0].Notification.Text());
        Assert.Equal(20, Of(next).Sum(push => push.Dropped));
        Assert.Equal(20, Of(next)[0].Dropped);
    }

    [Fact]
    public async Task KeptMessages_OthersMessagesBeyondMemory_AreNotDropped()
    {
        await Edge.LoseAsync("alice", await Edge.SubscribeAsync("alice", "user.alice.rare"));
        var busy = await Edge.SubscribeAsync("alice", "user.alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", persistent: false, key: "user.alice.rare"));
        for (var tag = 2; tag <= 102; tag++)
        {
            await Silo.OfferAsync("alice", 0, Offer((ulong)tag, "alice", persistent: false));
            await ReceivedAsync(busy, tag - 1);
        }

        var next = await Edge.SubscribeAsync("alice", "user.alice.rare");

        await ReceivedAsync(next, 1);
        Assert.Equal(0, Of(next)[0].Dropped);
    }

    [Fact]
    public async Task LossIsNotKnownYet_Successor_GetsUnprovedTransientMessages()
    {
        // Its edge was killed, or its network is gone, and nobody knows.
        var lost = await Edge.SubscribeAsync("alice");
        await OfferAsync("1t", "2", "3t");
        await ReceivedAsync(lost, 3);
        await Edge.SettleAsync(Of(lost)[0]);
        await OfferAsync("4", "5t");
        await ReceivedAsync(lost, 5);

        var next = await Edge.SubscribeAsync("alice");
        await ReceivedAsync(next, 4);
        Assert.Equal(["2", "3t", "4", "5t"], Of(next).Select(push => push.Notification.Text()));
        Assert.All(Of(next).Where(push => push.Notification.Text().EndsWith('t')), push => Assert.True(push.Redelivered));

        // It has had everything: who comes after the loss is known gets what is new from there on.
        await Edge.SettleAsync(Of(next));
        await Edge.LoseAsync("alice", lost);
        await OfferAsync("6t");
        var third = await Edge.SubscribeAsync("alice");
        await ReceivedAsync(third, 1);
        Assert.Equal([("6t", true)], Messages(third));
    }

    [Fact]
    public async Task EdgeFallsSilent_Successor_GetsEverything()
    {
        var lost = await Edge.SubscribeAsync("alice");
        await OfferAsync("1t", "2");
        await ReceivedAsync(lost, 2);
        await Edge.CloseAsync();
        await OfferAsync("3t", "4");

        await Edge.OpenAsync();
        var next = await Edge.SubscribeAsync("alice");

        await ReceivedAsync(next, 4);
        Assert.Equal([("1t", true), ("2", true), ("3t", false), ("4", false)], Messages(next));
    }

    [Fact]
    public async Task EdgeLosesItsLink_SameSubscriptionsRegisteredAgain_EachGoesOnWhereItWas()
    {
        var first = await Edge.SubscribeAsync("alice");
        await OfferAsync("1t");
        await ReceivedAsync(first, 1);
        await Edge.SettleAsync(Of(first));
        var second = await Edge.SubscribeAsync("alice", maxMessages: 1);
        await OfferAsync("2t", "3t");
        await ReceivedAsync(first, 3);
        await ReceivedAsync(second, 1);
        await Edge.SettleAsync(Of(first)[1..]);

        await Edge.OpenAsync();
        await Edge.RegisterAsync("alice", second, maxMessages: 10);
        await Edge.RegisterAsync("alice", first);
        await OfferAsync("4t");

        await ReceivedAsync(first, 1);
        await ReceivedAsync(second, 3);
        Assert.Equal([("4t", false)], Messages(first));
        Assert.Equal([("2t", true), ("3t", false), ("4t", false)], Messages(second));
    }

    [Fact]
    public async Task GraceIsOver_TransientMessagesAndGrainAreGone()
    {
        await RestartAsync(folder => TestSilo.StartAsync(folder, options => options.RefreshGrace = TimeSpan.FromMilliseconds(200)));
        await Edge.LoseAsync("alice", await Edge.SubscribeAsync("alice"));
        await OfferAsync("1t", "2");
        Assert.Equal(1, await UserGrainsAsync());

        await Wait.Until(async () => await UserGrainsAsync() == 0, "the user's grain to end with the grace");

        var next = await Edge.SubscribeAsync("alice");
        await ReceivedAsync(next, 1);
        Assert.Equal([("2", false)], Messages(next));
        Assert.Equal(0, Of(next)[0].Dropped);
    }

    /// <summary>Offers messages named by a number, with a <c>t</c> behind it for a transient one.</summary>
    private Task OfferAsync(params string[] messages) =>
        Silo.OfferAsync(
            "alice",
            0,
            [
                .. messages.Select(text =>
                {
                    var offer = Offer(ulong.Parse(text.TrimEnd('t')), "alice");
                    return offer with { Notification = Notification("user.alice", text, persistent: !text.EndsWith('t')) };
                }),
            ]
        );

    private List<MailboxPush> Of(long subscription) => [.. Edge.Received.Where(push => push.Subscription == subscription)];

    private List<(string, bool)> Messages(long subscription) => [.. Of(subscription).Select(push => (push.Notification.Text(), push.Redelivered))];

    private Task ReceivedAsync(long subscription, int count) =>
        Wait.Until(() => Of(subscription).Count >= count, () => $"{count} messages at subscription {subscription}; there are {Of(subscription).Count}");

    private Task<Grains.Outbox.MailboxTally> TallyAsync() => Silo.Store.ReadTallyAsync(ShardMap.ShardOf("alice"), "alice", CancellationToken.None);

    private async Task<int> UserGrainsAsync() =>
        (await Silo.Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .Where(row => row.GrainType.Contains("UserGrain", StringComparison.Ordinal))
            .Sum(row => row.ActivationCount);
}
