using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>What a user is offered, and what becomes of it; with one real silo, its outbox and an edge that the test plays.</summary>
public sealed class MailboxTests : SiloWithEdge
{
    internal override Task<TestSilo> StartSiloAsync(string folder) =>
        TestSilo.StartAsync(folder, options => options.MaxMessagesInMemory = 50, limits => limits with { MaxMessagesPerUser = 100 });

    [Fact]
    public async Task Message_SubscriberSettlesIt_IsSettledAndNeverStored()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        var push = await ReceivedAsync(1);

        Assert.False(Silo.Settled.Contains(1), "settled before the session had it");
        await Edge.SettleAsync(push);

        await SettledAsync(1);
        Assert.Equal(0, (await TallyAsync("alice")).Messages);
        Assert.False(push.Redelivered);
    }

    [Fact]
    public async Task Message_NobodyIsThere_IsStoredAndComesFirst()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"), Offer(3, "alice"));
        await SettledAsync(3);
        Assert.Equal(3, (await TallyAsync("alice")).Messages);

        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(4, "alice"));

        await ReceivedAsync(4);
        AssertBodies("1", "2", "3", "4");
        Assert.All(Edge.Received, push => Assert.False(push.Redelivered));
        await Edge.SettleAsync(Edge.Received);
        await Wait.Until(async () => (await TallyAsync("alice")).Messages == 0, "stored rows to go when they are settled");
    }

    [Fact]
    public async Task Message_NotSettledInTime_IsStoredWithAllOlderOnesAndKeepsItsOrder()
    {
        var first = await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 20).Select(tag => Offer((ulong)tag, "alice"))]);
        await ReceivedAsync(20);
        await Edge.SettleAsync(Edge.Received[9]);

        await SettledAsync(20);
        Assert.Equal(19, (await TallyAsync("alice")).Messages);

        // The session is lost; the next one gets what is left, in order and marked.
        await Edge.UnsubscribeAsync("alice", first);
        await Edge.SubscribeAsync("alice");
        await ReceivedAsync(39);
        AssertBodies([.. Enumerable.Range(1, 20).Concat(Enumerable.Range(1, 20).Where(tag => tag != 10)).Select(tag => tag.ToString())]);
        Assert.All(Edge.Received.Skip(20), push => Assert.True(push.Redelivered));
    }

    [Fact]
    public async Task Message_OfferedToAnotherBeforeTheSubscriptionCame_IsMarkedForIt()
    {
        // The other may be dead already, and only the user knows.
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await ReceivedAsync(1);

        var later = await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        await ReceivedAsync(4);

        Assert.Equal(
            ["1 again", "2"],
            Edge.Received.Where(push => push.Subscription == later).Select(push => $"{push.Notification.Text()}{(push.Redelivered ? " again" : "")}")
        );
    }

    [Fact]
    public async Task StoredMessage_OfferedAndLost_IsMarkedForTheNextSession()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        var first = await Edge.SubscribeAsync("alice");
        Assert.False((await ReceivedAsync(1)).Redelivered);

        await Edge.UnsubscribeAsync("alice", first);
        await Edge.SubscribeAsync("alice");

        Assert.True((await ReceivedAsync(2)).Redelivered);
    }

    [Fact]
    public async Task Message_NoSubscriptionMatches_IsStoredAtOnceAndDivertsNobody()
    {
        await Edge.SubscribeAsync("alice", "user.alice.print.#");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", key: "user.alice.mail"), Offer(2, "alice", key: "user.alice.print.done"));

        Assert.Equal("2", (await ReceivedAsync(1)).Notification.Text());
        await SettledAsync(1);
        await Edge.SubscribeAsync("alice", "user.alice.mail");
        await Wait.Until(() => Edge.Received.Count(push => push.Notification.Text() == "1") == 1, "the stored message at the subscription that matches");
    }

    [Fact]
    public async Task Message_TwoSessions_BothGetItAndTheFirstSettles()
    {
        var phone = await Edge.SubscribeAsync("alice");
        var laptop = await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await ReceivedAsync(2);
        Assert.Equal([phone, laptop], Edge.Received.Select(push => push.Subscription).Order());

        await Edge.SettleAsync(Edge.Received[0]);
        await SettledAsync(1);
        await Edge.SettleAsync(Edge.Received[1]);

        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        await ReceivedAsync(4);
        Assert.All(Edge.Received, push => Assert.False(push.Redelivered));
    }

    [Fact]
    public async Task Window_IsFull_RestWaitsAndComesInOrderAsItIsSettled()
    {
        await Edge.SubscribeAsync("alice", maxMessages: 10);
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 80).Select(tag => Offer((ulong)tag, "alice"))]);
        await SettledAsync(80);
        await ReceivedAsync(10);
        Assert.Equal(10, Edge.Received.Count);

        for (var settled = 0; settled < 80; settled++)
        {
            await ReceivedAsync(settled + 1);
            await Edge.SettleAsync(Edge.Received[settled]);
        }

        AssertBodies([.. Enumerable.Range(1, 80).Select(tag => tag.ToString())]);
        Assert.All(Edge.Received, push => Assert.Equal(0, push.Dropped));
        await Wait.Until(async () => (await TallyAsync("alice")).Messages == 0, "an empty mailbox");
    }

    [Fact]
    public async Task Window_InBytes_IsKeptButOneMessageIsAlwaysAllowed()
    {
        await Edge.SubscribeAsync("alice", maxBytes: 1);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));

        var first = await ReceivedAsync(1);
        await SettledAsync(2);
        Assert.Single(Edge.Received);
        await Edge.SettleAsync(first);
        Assert.Equal("2", (await ReceivedAsync(2)).Notification.Text());
    }

    [Fact]
    public async Task Message_Requeued_IsOfferedAgainAndMarked()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1), SettlementOutcome.Requeued);

        var again = await ReceivedAsync(2);
        Assert.True(again.Redelivered);
        await Edge.SettleAsync(again);
        await SettledAsync(1);
    }

    [Fact]
    public async Task TransientMessage_NobodyIsThere_IsGone()
    {
        // The first message takes the shard; transient ones are held for a while after that.
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        await Silo.OfferAsync("alice", 0, Offer(2, "alice", persistent: false));
        await SettledAsync(2);
        Assert.Equal(1, (await TallyAsync("alice")).Messages);
    }

    [Fact]
    public async Task TransientMessage_RightAfterTakeover_WaitsForTheEdgeToRegister()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", persistent: false));
        await SettledAsync(1);

        await Edge.SubscribeAsync("alice");

        Assert.Equal("1", (await ReceivedAsync(1)).Notification.Text());
    }

    [Fact]
    public async Task TransientMessages_RightAfterTakeover_AreInOrderWithStoredOnes()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", persistent: false), Offer(2, "alice"), Offer(3, "alice", persistent: false));
        await SettledAsync(3);

        await Edge.SubscribeAsync("alice");

        await ReceivedAsync(3);
        AssertBodies("1", "2", "3");
    }

    [Fact]
    public async Task TransientMessage_SomebodyIsThere_IsOfferedAndNeverStored()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", persistent: false));

        await ReceivedAsync(1);
        await SettledAsync(1);
        Assert.Equal(0, (await TallyAsync("alice")).Messages);
    }

    [Fact]
    public async Task TransientMessages_BeyondMemory_AreDroppedAndTold()
    {
        await Edge.SubscribeAsync("alice", maxMessages: 1);
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 101).Select(tag => Offer((ulong)tag, "alice", persistent: false))]);
        var first = await ReceivedAsync(1);

        await Edge.SettleAsync(first);

        var second = await ReceivedAsync(2);
        Assert.Equal("52", second.Notification.Text());
        Assert.Equal(50, second.Dropped);
    }

    [Fact]
    public async Task TransientMessages_DroppedAndToldToALostSession_AreToldAgain()
    {
        var lost = await Edge.SubscribeAsync("alice", maxMessages: 1);
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 101).Select(tag => Offer((ulong)tag, "alice", persistent: false))]);
        await Edge.SettleAsync(await ReceivedAsync(1));
        Assert.Equal(50, (await ReceivedAsync(2)).Dropped);

        await Edge.LoseAsync("alice", lost);
        await Edge.SubscribeAsync("alice", maxMessages: 1);

        Assert.Equal(50, (await ReceivedAsync(3)).Dropped);
    }

    [Fact]
    public async Task Limits_Passed_OldestGoAndTheirNumberIsTold()
    {
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 130).Select(tag => Offer((ulong)tag, "alice"))]);
        await SettledAsync(130);
        Assert.Equal(100, (await TallyAsync("alice")).Messages);

        await Edge.SubscribeAsync("alice");

        await ReceivedAsync(100);
        Assert.Equal("31", Edge.Received[0].Notification.Text());
        Assert.Equal(30, Edge.Received.Sum(push => push.Dropped));
        Assert.Equal(30, Edge.Received[0].Dropped);
        await Edge.SettleAsync(Edge.Received);
        await Wait.Until(async () => await TallyAsync("alice") == default, "the tally to be empty once the user was told");
    }

    [Fact]
    public async Task Limits_PassedAndToldToALostSession_AreToldAgain()
    {
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 101).Select(tag => Offer((ulong)tag, "alice"))]);
        await SettledAsync(101);
        var lost = await Edge.SubscribeAsync("alice", maxMessages: 1);
        Assert.Equal(1, (await ReceivedAsync(1)).Dropped);

        await Edge.UnsubscribeAsync("alice", lost);
        await Edge.SubscribeAsync("alice", maxMessages: 1);

        Assert.Equal(1, (await ReceivedAsync(2)).Dropped);
    }

    [Fact]
    public async Task LaggingSession_AnotherHasSettled_IsToldWhatItMissed()
    {
        var slow = await Edge.SubscribeAsync("alice", maxMessages: 1);
        var quick = await Edge.SubscribeAsync("alice");
        for (var tag = 1; tag <= 120; tag++)
        {
            await Silo.OfferAsync("alice", 0, Offer((ulong)tag, "alice"));
            var body = tag.ToString();
            await Wait.Until(() => Of(quick).Any(push => push.Notification.Text() == body), $"message {tag} at the quick session");
            await Edge.SettleAsync(Of(quick).Single(push => push.Notification.Text() == body));
        }

        await Edge.SettleAsync(Assert.Single(Of(slow)));
        await Wait.Until(() => Of(slow).Count == 2, "the slow session's next message");
        var next = Of(slow)[1];
        // It had room for message 1; memory keeps 50 of the others for it.
        Assert.Equal("71", next.Notification.Text());
        Assert.Equal(69, next.Dropped);
    }

    [Fact]
    public async Task Message_PublishersExpirationEnded_IsNotDelivered()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", expiresAt: DateTimeOffset.UtcNow.AddSeconds(1)), Offer(2, "alice"));
        await SettledAsync(2);
        await Wait.Until(
            async () => (await Silo.Store.FindExpiredAsync(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds(), 10, default)).Count == 1,
            "the row's time to end"
        );

        await Edge.SubscribeAsync("alice");
        Assert.Equal("2", (await ReceivedAsync(1)).Notification.Text());

        await Silo.ShardOf("alice").ExpireAsync(["alice"]);
        var tally = await TallyAsync("alice");
        Assert.Equal((1, 0), (tally.Messages, tally.Dropped));
    }

    [Fact]
    public async Task Expiry_NothingHasOutlivedItsTime_ReadsNoMessageAndWritesNothing()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await SettledAsync(2);
        var commits = Silo.Store.Commits;

        await Silo.ShardOf("alice").ExpireAsync(["alice"]);

        Assert.Equal((commits, 0L), (Silo.Store.Commits, Silo.Store.LargestRead));
    }

    private List<MailboxPush> Of(long subscription) => [.. Edge.Received.Where(push => push.Subscription == subscription)];
}
