using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>What becomes of a user's messages while the outbox fails, or takes its time.</summary>
public sealed class MailboxFaultTests : SiloWithEdge
{
    [Fact]
    public async Task Message_SettledWhileItsRowCannotBeDeleted_DoesNotHoldUpWhatOthersSettle()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        await Edge.SubscribeAsync("alice");
        await Edge.SubscribeAsync("bob");
        var ofAlice = await ReceivedAsync(1);
        var commits = Silo.Store.HoldCommits();

        await Edge.SettleAsync(ofAlice);
        await Silo.OfferAsync("bob", 0, Offer(2, "bob"));
        var ofBob = await ReceivedAsync(2);
        await Edge.SettleAsync(ofBob);

        await SettledAsync(2);
        Assert.Equal(1, (await TallyAsync("alice")).Messages);
        commits.SetResult();
        await Wait.Until(async () => (await TallyAsync("alice")).Messages == 0, "the row to go");
    }

    [Fact]
    public async Task Message_SettledWhileTheOutboxTakesNothing_DoesNotComeToTheNextSession()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"), Offer(3, "alice"));
        await SettledAsync(3);
        var first = await Edge.SubscribeAsync("alice");
        await ReceivedAsync(3);
        Silo.Store.RefusesCommits = true;
        try
        {
            // Their rows stay, and with the user's grain goes what it knows of them.
            await Edge.SettleAsync(Edge.Received.Take(2));
            await Edge.UnsubscribeAsync("alice", first);
            await Edge.SubscribeAsync("alice");
            await ReceivedAsync(4);
        }
        finally
        {
            Silo.Store.RefusesCommits = false;
        }

        AssertBodies("1", "2", "3", "3");
        await Edge.SettleAsync(Edge.Received[3]);
        await Wait.Until(async () => (await StoredAsync("alice")).Count == 0, "the rows to go");
    }

    [Fact]
    public async Task Message_SettledWhileTheOutboxTakesNothing_IsNotCountedWhenItsRowGoesLater()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await SettledAsync(2);
        await Edge.SubscribeAsync("alice");
        await ReceivedAsync(2);
        Silo.Store.RefusesCommits = true;
        var refused = Silo.Store.Refused;
        await Edge.SettleAsync(Edge.Received);
        await Wait.Until(() => Silo.Store.Refused > refused, "the deletion to be refused");
        Assert.Equal(2, (await TallyAsync("alice")).Messages);

        Silo.Store.RefusesCommits = false;

        await Wait.Until(async () => (await StoredAsync("alice")).Count == 0, "the rows to go");
        // What the limits are about, also for the shard's next owner.
        Assert.Equal((0, 0), ((await TallyAsync("alice")).Messages, (await TallyAsync("alice")).Bytes));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task StoredMessage_SessionGoesWhileNothingCanBeWritten_IsMarkedForTheNextOne(bool isWrittenMeanwhile)
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        var first = await Edge.SubscribeAsync("alice");
        Assert.False((await ReceivedAsync(1)).Redelivered);

        Silo.Store.RefusesCommits = true;
        await Edge.UnsubscribeAsync("alice", first);
        var refused = Silo.Store.Refused;
        await Wait.Until(() => Silo.Store.Refused > refused, "it to be tried again");
        if (isWrittenMeanwhile)
        {
            Silo.Store.RefusesCommits = false;
            await Wait.Until(async () => (await StoredAsync("alice"))[0].Attempted, "it to be written");
        }

        await Edge.SubscribeAsync("alice");
        Assert.True((await ReceivedAsync(2)).Redelivered, "it is not marked");
    }

    [Fact]
    public async Task Message_WhileTallyCannotBeRead_ReachesWhoIsThere()
    {
        Silo.Store.RefusesTallies = true;
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));

        await Edge.SettleAsync(await ReceivedAsync(1));

        await SettledAsync(1);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Message_SettledWhenNobodyKnowsWhetherItWasStored_LeavesNoRow(bool isThereBefore)
    {
        if (isThereBefore)
            await Edge.SubscribeAsync("alice");
        Silo.Store.LosesAnswers = true;
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(async () => (await StoredAsync("alice")).Count == 1, "the message to be stored, and nobody to know");
        if (!isThereBefore)
            await Edge.SubscribeAsync("alice");

        await Edge.SettleAsync(await ReceivedAsync(1));
        await SettledAsync(1);
        Silo.Store.LosesAnswers = false;

        await Wait.Until(async () => (await StoredAsync("alice")).Count == 0, "the row to be taken away");
        Assert.Equal(0, (await TallyAsync("alice")).Messages);
        Assert.Single(Edge.Received);
    }

    [Fact]
    public async Task Message_ExpiredWhenNobodyKnowsWhetherItWasStored_LeavesNoRow()
    {
        Silo.Store.LosesAnswers = true;
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", expiresAt: DateTimeOffset.UtcNow.AddSeconds(2)));
        await Wait.Until(async () => (await StoredAsync("alice")).Count == 1, "the message to be stored, and nobody to know");

        await SettledAsync(1);
        Silo.Store.LosesAnswers = false;

        await Wait.Until(async () => (await StoredAsync("alice")).Count == 0, "the row to be taken away");
    }

    [Fact]
    public async Task Message_StoredBesideASessionThatTheShardHeardNothingOf_ComesWhenItIsRegisteredOnceMore()
    {
        var session = await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1));
        // As the shard stores it when the session's first registration was not answered in time; the place is one that it has given.
        var shard = ShardMap.ShardOf("alice");
        var neighbour = Enumerable.Range(1, int.MaxValue).Select(number => $"user-{number}").First(user => ShardMap.ShardOf(user) == shard);
        await Silo.OfferAsync(neighbour, 0, Offer(2, neighbour));
        await SettledAsync(2);
        var row = (await StoredAsync(neighbour))[0] with { User = "alice", FilterKey = "user.alice" };
        await Silo.Services.GetRequiredService<HostedShards>().Ledgers.Single(ledger => ledger.Shard == shard).Outbox.AppendAsync("alice", [row]);

        await Edge.RegisterAsync("alice", session);

        await ReceivedAsync(2);
        await Silo.OfferAsync("alice", 0, Offer(3, "alice"));
        await ReceivedAsync(3);
        AssertBodies("1", "2", "3");
    }

    [Fact]
    public async Task Message_SettledByADeviceWhileTheOutboxTakesNothing_LeavesNoRowThatIsNotCounted()
    {
        var phone = MailboxKey.OfDurable("alice", "phone");
        await Edge.SubscribeAsync(phone, "user.alice.#");
        Silo.Store.RefusesCommits = true;
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1));
        await SettledAsync(1);

        var page = await Edge.SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Any(push => push.User == "alice" && push.Notification.Text() == "2"), "the other message at the page");
        Silo.Store.RefusesCommits = false;
        await Wait.Until(async () => (await StoredAsync("alice")).Count > 0, "it to be stored");
        await Edge.UnsubscribeAsync("alice", page);

        Assert.Equal(["2"], Edge.Received.Where(push => push.User == "alice").Select(push => push.Notification.Text()));
        Assert.Equal(["2"], (await StoredAsync("alice")).Select(row => row.Notification.Text()));
        Assert.Equal(1, (await TallyAsync("alice")).Messages);
    }
}
