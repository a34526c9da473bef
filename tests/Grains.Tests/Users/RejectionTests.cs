using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>
/// What becomes of a message that a client rejects; with one real silo, its outbox and an edge that the test plays. The broker's confirm comes when the test
/// wants it.
/// </summary>
public sealed class RejectionTests : SiloWithEdge
{
    [Fact]
    public async Task Message_BecomesADeadLetter_ThatNamesItsUser()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", key: "user.alice.x"));
        await Edge.SettleAsync(await ReceivedAsync(1), SettlementOutcome.Rejected);

        await SettledAsync(1);
        Assert.Equal(("user.alice.x", "rejected"), Assert.Single(Silo.DeadLetters.All));
        Assert.Equal(new Recipient("alice", "user.alice.x"), Assert.Single(Silo.DeadLetters.Rejected));
    }

    [Fact]
    public async Task WhileTheBrokerTakesNothing_HoldsUpNobodyAndBecomesOneDeadLetter()
    {
        var broker = new TaskCompletionSource();
        Silo.DeadLetters.OnPublish = () => broker.Task;
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        var rejected = await ReceivedAsync(1);
        await Edge.SubscribeAsync("bob");
        await Silo.OfferAsync("bob", 0, Offer(2, "bob"));
        var settled = await ReceivedAsync(2);

        await Edge.SettleAsync((rejected, SettlementOutcome.Rejected), (settled, SettlementOutcome.Settled));
        await SettledAsync(2);
        // As an edge does that has not heard of it.
        await Edge.SettleAsync(rejected, SettlementOutcome.Rejected);
        await Silo.OfferAsync("alice", 0, Offer(3, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(3));
        await SettledAsync(3);
        Assert.False(Silo.Settled.Contains(1), "settled before it was a dead letter");
        broker.SetResult();

        await SettledAsync(1);
        Assert.Equal(("user.alice", "rejected"), Assert.Single(Silo.DeadLetters.All));
        AssertBodies("1", "2", "3");
    }

    [Fact]
    public async Task Message_ThatCannotBecomeADeadLetter_IsOfferedAgain()
    {
        Silo.DeadLetters.OnPublish = () => Task.FromException(new TimeoutException("as the test wants it"));
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1), SettlementOutcome.Rejected);

        var again = await ReceivedAsync(2);
        Assert.True(again.Redelivered);
        Silo.DeadLetters.OnPublish = null;
        await Edge.SettleAsync(again, SettlementOutcome.Rejected);
        await SettledAsync(1);
        Assert.Single(Silo.DeadLetters.All);
    }

    [Fact]
    public async Task Session_GoesMeanwhile_MessageIsSettledWhenItIsADeadLetter()
    {
        var broker = new TaskCompletionSource();
        Silo.DeadLetters.OnPublish = () => broker.Task;
        var subscription = await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1), SettlementOutcome.Rejected);
        await Edge.UnsubscribeAsync("alice", subscription);
        await SettledAsync(1);
        Assert.Equal(1, (await TallyAsync("alice")).Messages);
        broker.SetResult();

        await Wait.Until(async () => await TallyAsync("alice") == default, "the row to go");
        Assert.Single(Silo.DeadLetters.All);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task NextSession_RejectsItToo_MeanwhileItIsOneDeadLetter(bool isDeadLetter)
    {
        var broker = new TaskCompletionSource();
        Silo.DeadLetters.OnPublish = () => broker.Task;
        var first = await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1), SettlementOutcome.Rejected);
        await Edge.UnsubscribeAsync("alice", first);
        await SettledAsync(1);
        await Edge.SubscribeAsync("alice");
        await Edge.SettleAsync(await ReceivedAsync(2), SettlementOutcome.Rejected);
        Silo.DeadLetters.OnPublish = null;
        if (isDeadLetter)
            broker.SetResult();
        else
            broker.SetException(new TimeoutException("as the test wants it"));

        if (!isDeadLetter)
            await Edge.SettleAsync(await ReceivedAsync(3), SettlementOutcome.Rejected);
        await Wait.Until(async () => await TallyAsync("alice") == default, "the row to go");
        Assert.Single(Silo.DeadLetters.All);
    }

    [Fact]
    public async Task RejectedMessage_ItsSessionHasGoneAndAnotherLags_ComesToThatOnce()
    {
        var broker = new TaskCompletionSource();
        var next = new TaskCompletionSource();
        Silo.DeadLetters.OnPublish = () =>
        {
            Silo.DeadLetters.OnPublish = () =>
            {
                next.SetResult();
                return Task.CompletedTask;
            };
            return broker.Task;
        };
        var first = await Edge.SubscribeAsync("alice");
        var lagging = await Edge.SubscribeAsync("alice", maxMessages: 2);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"), Offer(3, "alice"), Offer(4, "alice"));
        await Wait.Until(() => Edge.Received.Count == 6, "all at the first session, two at the other");
        await Edge.SettleAsync([.. Of(first).Skip(2).Select(push => (push, SettlementOutcome.Rejected))]);
        await Edge.UnsubscribeAsync("alice", first);
        broker.SetException(new TimeoutException("as the test wants it"));
        // It is offered again before the one behind it is published.
        await next.Task.WaitAsync(Wait.DefaultTimeout);

        await Edge.SettleAsync(Of(lagging));

        await Wait.Until(() => Of(lagging).Any(push => push.Notification.Text() == "3"), "the message at the other session");
        await Edge.SettleAsync(Of(lagging).Skip(2));
        await Silo.OfferAsync("alice", 0, Offer(5, "alice"));
        await Wait.Until(() => Of(lagging).Any(push => push.Notification.Text() == "5"), "the message behind it");
        Assert.True(Assert.Single(Of(lagging), push => push.Notification.Text() == "3").Redelivered, "it is not marked");

        IEnumerable<MailboxPush> Of(long subscription) => Edge.Received.Where(push => push.Subscription == subscription);
    }
}
