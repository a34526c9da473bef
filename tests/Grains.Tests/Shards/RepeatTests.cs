using System.Diagnostics;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>Messages that come again: by a call that was repeated, by their <c>message-id</c>, or as the broker brings them on a new channel.</summary>
public sealed class RepeatTests : SiloWithEdge
{
    [Fact]
    public async Task Offer_Repeated_IsDeliveredOnce()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", redelivered: true), Offer(2, "alice"));

        await Wait.Until(() => Edge.Received.Count == 2, "both messages");
        Assert.Equal(["1", "2"], Edge.Received.Select(push => push.Notification.Text()));
        await Edge.SettleAsync(Edge.Received);
        await SettledAsync(1);
        await SettledAsync(2);
    }

    [Fact]
    public async Task Offer_RepeatedAndComesBehindItsLateSettlement_IsStoredOnce()
    {
        var clock = Stopwatch.StartNew();
        Silo.Store.RefusesCommits = true;
        await Silo.OfferAsync("bob", 0, Offer(1, "bob"));
        // So late that its dispatcher may have offered it again.
        await Wait.Until(() => clock.Elapsed > TimeSpan.FromSeconds(3), "3 s to pass");
        Silo.Store.RefusesCommits = false;
        await SettledAsync(1);
        // The answer to its settlement, too, has come.
        await Silo.OfferAsync("bob", 0, Offer(2, "bob"));
        await SettledAsync(2);

        await Silo.OfferAsync("bob", 0, Offer(1, "bob", redelivered: true), Offer(3, "bob"));

        await SettledAsync(3);
        Assert.Equal(["1", "2", "3"], (await StoredAsync("bob")).Select(row => row.Notification.Text()));
    }

    [Fact]
    public async Task Offer_SameMessageIdWhileUnsafe_SharesItsFate()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", messageId: "m"), Offer(2, "alice", messageId: "m"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message");
        Assert.Empty(Silo.Settled.All);

        await Edge.SettleAsync(Edge.Received[0]);

        await SettledAsync(1);
        await SettledAsync(2);
        Assert.Single(Edge.Received);
    }

    [Fact]
    public async Task Offer_SameMessageIdAfterDelivery_IsSettledAtOnce()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", messageId: "m"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message");
        await Edge.SettleAsync(Edge.Received[0]);

        await Silo.OfferAsync("alice", 0, Offer(2, "alice", messageId: "m"), Offer(3, "alice", messageId: "other"));

        await SettledAsync(2);
        await Wait.Until(() => Edge.Received.Count == 2, "the message that is no repeat");
        Assert.Equal("3", Edge.Received[1].Notification.Text());
    }

    [Fact]
    public async Task Offer_SameMessageIdIsStoredWhileTheRestOfItsBatchIsLookedUp_IsARepeat()
    {
        await Silo.OfferAsync("bob", 0, Offer(1, "bob"));
        await SettledAsync(1);
        var session = await Edge.SubscribeAsync("bob");
        await Silo.OfferAsync("bob", 0, Offer(2, "bob", messageId: "m"));
        await Wait.Until(() => Edge.Received.Count == 2, "the message, which is in memory alone");

        var release = Silo.Store.HoldFinds();
        var offering = Silo.OfferAsync("bob", 0, Offer(3, "bob", messageId: "m"), Offer(4, "bob", messageId: "other"));
        await Wait.Until(() => Silo.Store.HeldFinds == 1, "the other to be looked up");
        await Edge.UnsubscribeAsync("bob", session);
        await SettledAsync(2);
        release.SetResult();
        await offering;

        await SettledAsync(3);
        await SettledAsync(4);
        Assert.Equal(["1", "2", "4"], (await StoredAsync("bob")).Select(row => row.Notification.Text()));
    }

    [Fact]
    public async Task Offer_SameMessageIdIsAcceptedAndStoredByAnotherBatchWhileItIsLookedUp_IsARepeat()
    {
        await Silo.OfferAsync("bob", 0, Offer(1, "bob"));
        await SettledAsync(1);

        var release = Silo.Store.HoldFinds();
        var offering = Silo.OfferAsync("bob", 0, Offer(2, "bob", messageId: "m"));
        await Wait.Until(() => Silo.Store.HeldFinds == 1, "it to be looked up");
        Silo.Store.PassFinds();
        await Silo.OfferAsync("bob", 0, Offer(3, "bob", messageId: "m"));
        await SettledAsync(3);
        release.SetResult();
        await offering;

        await SettledAsync(2);
        Assert.Equal(["1", "3"], (await StoredAsync("bob")).Select(row => row.Notification.Text()));
    }

    [Fact]
    public async Task Offer_ManyMessageIds_AreLookedUpAtOnce()
    {
        await Silo.OfferAsync("bob", 0, Offer(1, "bob"));
        await SettledAsync(1);

        var release = Silo.Store.HoldFinds();
        var offering = Silo.OfferAsync("bob", 0, [.. Enumerable.Range(2, 20).Select(tag => Offer((ulong)tag, "bob", messageId: $"m-{tag}"))]);

        await Wait.Until(() => Silo.Store.HeldFinds == 20, () => $"all to be looked up; {Silo.Store.HeldFinds} are");
        release.SetResult();
        await offering;
        await SettledAsync(21);
    }

    [Fact]
    public async Task Offer_SameMessageIdForAnotherUser_IsNoRepeat()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", messageId: "m"));
        await Silo.OfferAsync("bob", 0, Offer(2, "bob", messageId: "m"));
        await SettledAsync(2);
        await Edge.SubscribeAsync("bob");
        await Wait.Until(() => Edge.Received.Count == 1, "bob's message");
    }

    [Fact]
    public async Task Offer_SameMessageIdOfOneThatNobodyGot_IsNoRepeat()
    {
        await RestartAsync(folder => TestSilo.StartAsync(folder, options => options.TakeoverGrace = TimeSpan.Zero));
        var past = DateTimeOffset.UtcNow.AddSeconds(-1);
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(1, "alice", messageId: "transient", persistent: false),
            Offer(2, "alice", messageId: "expired", expiresAt: past)
        );
        await SettledAsync(2);

        await Edge.SubscribeAsync("alice", "user.alice");
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(3, "alice", messageId: "transient", persistent: false),
            Offer(4, "alice", messageId: "expired"),
            Offer(5, "alice", messageId: "late", expiresAt: past),
            Offer(6, "alice", messageId: "other", persistent: false, key: "user.alice.other")
        );
        await Wait.Until(() => Edge.Received.Count == 2, "those that nobody has got before");
        await SettledAsync(5);
        await Edge.SubscribeAsync("alice", "user.alice.other");
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(7, "alice", messageId: "late"),
            Offer(8, "alice", messageId: "other", persistent: false, key: "user.alice.other"),
            Offer(9, "alice", messageId: "transient", persistent: false)
        );

        await Wait.Until(() => Edge.Received.Count == 4, () => $"those that nobody has got before; there are {Edge.Received.Count}");
        await SettledAsync(9);
        Assert.Equal(["3", "4", "7", "8"], Edge.Received.Select(push => push.Notification.Text()));
    }

    [Fact]
    public async Task Offer_SameMessageIdAfterRestart_IsFoundInTheOutbox()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", messageId: "m"));
        await SettledAsync(1);
        await RestartAsync();

        await Silo.OfferAsync("alice", 0, Offer(7, "alice", messageId: "m"));

        await SettledAsync(7);
        await Edge.SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Count == 1, "the stored message");
        Assert.Equal("1", Edge.Received[0].Notification.Text());
        Assert.True(Edge.Received[0].Redelivered, "stored under an older epoch");
    }

    [Fact]
    public async Task Offer_OnNewChannelsWhileNothingCanBeStored_KeepsOneOfEachMessageInItsPlace()
    {
        Silo.Store.RefusesCommits = true;
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Alike(2), Alike(3), Offer(4, "alice", messageId: "m"));

        for (var channel = 2; channel < 5; channel++)
            await Silo.OfferOnAsync("alice", channel, Again(Offer(1, "alice")), Again(Alike(2)), Again(Alike(3)), Again(Offer(4, "alice", messageId: "m")));
        await Silo.OfferOnAsync("alice", 5, Again(Offer(1, "alice")), Again(Alike(2)), Again(Alike(3)), Again(Offer(4, "alice", messageId: "m")), Alike(5));
        Silo.Store.RefusesCommits = false;

        await SettledAsync(5);
        Assert.Equal(["1", "alike", "alike", "4", "alike"], (await StoredAsync("alice")).Select(row => row.Notification.Text()));
        await Wait.Until(() => Silo.Settled.All.Count == 5, "those of the last channel to be settled, and they alone");
    }

    [Fact]
    public async Task Offer_OnANewChannelOfWhatTheUserHasInHand_IsARepeat()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await ReceivedAsync(2);
        // A quorum queue says how often it has delivered a message.
        var counted = Again(Offer(1, "alice"));
        counted = counted with
        {
            Notification = new Notification
            {
                Exchange = "notifications",
                RoutingKey = "user.alice",
                Headers = [new("x-delivery-count", "1")],
                Body = counted.Notification.Body,
                Persistent = true,
            },
        };

        await Silo.OfferOnAsync("alice", 2, counted);
        await Edge.SettleAsync(Edge.Received[1]);
        // Its settlement comes first: by the time that it is offered again it is safe.
        await Silo.ShardOf("alice").HastenAsync(["alice"]);
        await SettledAsync(1);
        await Silo.OfferOnAsync("alice", 2, Again(Offer(2, "alice")), Offer(3, "alice"));

        await SettledAsync(2);
        Assert.Equal("3", (await ReceivedAsync(3)).Notification.Text());
    }

    [Fact]
    public async Task Offer_OnANewChannelOfWhatADeviceStillWaitsFor_IsSafeWhenItIsStored()
    {
        var device = new MailboxSubscription(1, MailboxKey.OfDurable("alice", "phone"), "notifications", "user.alice.#", 10, 1 << 20, 0);
        await Silo.ShardOf("alice").RegisterAsync(new RegisterRequest(Edge.Name, [device]));
        await Edge.UnsubscribeAsync(device.User, device.Id);
        Silo.Store.RefusesCommits = true;
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));

        await Silo.OfferOnAsync("alice", 2, Again(Offer(1, "alice")));
        Silo.Store.RefusesCommits = false;

        await SettledAsync(1);
        Assert.Single(await StoredAsync("alice"));
        Assert.Single(await StoredAsync(device.User));
    }

    /// <summary>As a delivery that the broker makes again.</summary>
    private static Offer Again(Offer offer) => offer with { Redelivered = true };

    private static Offer Alike(ulong tag) => Offer(tag, "alice") with { Notification = Notification("user.alice", "alike") };
}
