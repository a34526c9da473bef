using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using Orleans.Core.Internal;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>The one writer: epochs, repeats, lost calls and lost grains.</summary>
public sealed class ShardTests : SiloWithEdge
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
    public async Task Offer_ForAnotherEpoch_IsRefusedWhole()
    {
        var epoch = (await Silo.OfferAsync("alice", 0, Offer(1, "alice"))).Epoch;

        var reply = await Silo.OfferAsync("alice", epoch + 1, Offer(2, "alice"));

        Assert.Equal((epoch, OfferOutcome.OtherOwner), (reply.Epoch, reply.Outcome));
        await SettledAsync(1);
        Assert.False(Silo.Settled.Contains(2));
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
        Assert.Equal(["1", "2", "4"], (await Silo.Store.ReadAsync(ShardMap.ShardOf("bob"), "bob", Place.Start, 10, int.MaxValue, default)).Select(row => row.Notification.Text()));
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
        await Silo.OfferAsync("alice", 0, Offer(1, "alice", messageId: "transient", persistent: false), Offer(2, "alice", messageId: "expired", expiresAt: past));
        await SettledAsync(2);

        await Edge.SubscribeAsync("alice", "user.alice");
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(3, "alice", messageId: "transient", persistent: false),
            Offer(4, "alice", messageId: "expired"),
            Offer(5, "alice", messageId: "late", expiresAt: past),
            Offer(6, "alice", messageId: "other", persistent: false, key: "user.alice.other"));
        await Wait.Until(() => Edge.Received.Count == 2, "those that nobody has got before");
        await SettledAsync(5);
        await Edge.SubscribeAsync("alice", "user.alice.other");
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(7, "alice", messageId: "late"),
            Offer(8, "alice", messageId: "other", persistent: false, key: "user.alice.other"),
            Offer(9, "alice", messageId: "transient", persistent: false));

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
    public async Task Epoch_Restart_RisesAndOffsetsGoOn()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        await RestartAsync();
        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));

        await Edge.SubscribeAsync("alice");

        await Wait.Until(() => Edge.Received.Count == 2, "both messages");
        Assert.Equal(["1", "2"], Edge.Received.Select(push => push.Notification.Text()));
        Assert.True(Edge.Received[0].Place < Edge.Received[1].Place);
        Assert.Equal(Edge.Received[0].Place.Epoch + 1, Edge.Received[1].Place.Epoch);
    }

    [Fact]
    public async Task StaleOwner_SomebodyWaitsInIt_IsToldAndTheNextOwnerBegins()
    {
        var first = await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        await Silo.Store.OpenShardAsync(ShardMap.ShardOf("alice"), CancellationToken.None);

        // The registration waits in the lane, behind the message that teaches the owner that it is stale.
        var offering = Silo.OfferAsync("alice", first.Epoch, Offer(2, "alice"));
        var registering = Silo.ShardOf("alice").RegisterAsync(new RegisterRequest(Edge.Name, [new MailboxSubscription(1, "alice", "notifications", "user.alice.#", 10, 1 << 20, 0)]));
        await offering;
        Assert.IsNotType<TimeoutException>(await Assert.ThrowsAnyAsync<Exception>(() => registering.WaitAsync(Wait.DefaultTimeout)));

        await Wait.Until(
            async () =>
            {
                try
                {
                    return (await Edge.RegisterAsync("alice", 1)).Epoch > first.Epoch;
                }
                catch (Exception exception) when (exception is Grains.Outbox.StaleEpochException or OrleansException)
                {
                    return false;
                }
            },
            "a new owner");
    }

    [Fact]
    public async Task StaleOwner_NewerEpochInTheStore_ChangesNothingAndEnds()
    {
        var first = await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        // Another owner takes the shard behind its back.
        var newer = await Silo.Store.OpenShardAsync(ShardMap.ShardOf("alice"), CancellationToken.None);
        Assert.Equal(first.Epoch + 1, newer);

        await Silo.OfferAsync("alice", first.Epoch, Offer(2, "alice"));

        // The stale activation learns it from its store, ends without settling, and the dispatcher's next call finds another.
        var reply = default(OfferReply);
        await Wait.Until(
            async () =>
            {
                try
                {
                    reply = await Silo.OfferAsync("alice", first.Epoch, Offer(3, "alice"));
                    return reply.Outcome == OfferOutcome.OtherOwner;
                }
                catch (Exception exception) when (exception is Grains.Outbox.StaleEpochException or OrleansException)
                {
                    return false;
                }
            },
            "a new owner");
        Assert.Equal(newer + 1, reply.Epoch);
        Assert.False(Silo.Settled.Contains(2), "a stale owner has settled");

        await Silo.OfferAsync("alice", reply.Epoch, Offer(2, "alice", redelivered: true), Offer(3, "alice", redelivered: true));
        await SettledAsync(3);
        await Edge.SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Count == 3, () => $"three messages, each once; there are {Edge.Received.Count}");
        Assert.Equal(["1", "2", "3"], Edge.Received.Select(push => push.Notification.Text()));
    }

    [Fact]
    public async Task UserGrain_IsLost_SubscriptionsAndMessagesAreGivenToItsSuccessor()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await Wait.Until(() => Edge.Received.Count == 2, "both messages");
        await DeactivateAsync("alice");

        await Silo.OfferAsync("alice", 0, Offer(3, "alice"));

        await Wait.Until(() => Edge.Received.Any(push => push.Notification.Text() == "3"), "the message after the loss");
        var later = Edge.Received.Skip(2).ToList();
        Assert.Equal(["1", "2", "3"], later.Select(push => push.Notification.Text()));
        Assert.True(later[0].Redelivered && later[1].Redelivered);
        await Edge.SettleAsync(later);
        foreach (var tag in new ulong[] { 1, 2, 3 })
            await SettledAsync(tag);
    }

    [Fact]
    public async Task UserGrain_IsLostAndNothingMoreComes_NothingStaysUnsafe()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message");

        await DeactivateAsync("alice");

        await SettledAsync(1);
        await Wait.Until(() => Edge.Received.Count == 2, "the message again, for the edge's subscription");
        Assert.True(Edge.Received[1].Redelivered);
    }

    [Fact]
    public async Task UserGrain_IsLostWithStoredMessagesOffered_TheyAreRepeatsForItsSuccessor()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        await Edge.SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Count == 1, "the stored message");
        Assert.False(Edge.Received[0].Redelivered, "nobody was offered it before");
        await DeactivateAsync("alice");

        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));

        await Wait.Until(() => Edge.Received.Count == 3, "the stored message again, and the new one");
        Assert.Equal([("1", true), ("2", true)], Edge.Received.Skip(1).Select(push => (push.Notification.Text(), push.Redelivered)));
    }

    [Fact]
    public async Task UserGrain_IsLostWithStoredMessagesOffered_ASettlementIsEnoughForItsSuccessorToGoOn()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await SettledAsync(2);
        await Edge.SubscribeAsync("alice", maxMessages: 1);
        await Wait.Until(() => Edge.Received.Count == 1, "the first stored message");
        await DeactivateAsync("alice");

        await Edge.SettleAsync(Edge.Received[0]);

        await Wait.Until(() => Edge.Received.Count == 2, "the first one again: nobody knows that it was settled");
        await Edge.SettleAsync(Edge.Received[1]);
        await Wait.Until(() => Edge.Received.Count == 3, "the second");
        Assert.Equal([("1", false), ("1", true), ("2", true)], Edge.Received.Select(push => (push.Notification.Text(), push.Redelivered)));
    }

    [Fact]
    public async Task UserGrain_CalledByAFormerOwnerOfItsShard_RefusesAndStays()
    {
        await Edge.SubscribeAsync("alice");
        var reply = await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message");

        // A silo that was frozen does not know yet that the shard is elsewhere.
        var grain = Silo.Grains.GetGrain<Grains.Users.IUserGrain>("alice");
        await Assert.ThrowsAsync<Grains.Users.StaleUserException>(() => grain.StoreAsync(new Grains.Users.UserCall(reply.Epoch - 1, 0, default)).AsTask());

        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        await Wait.Until(() => Edge.Received.Count == 2, "the next message");
        Assert.Equal([("1", false), ("2", false)], Edge.Received.Select(push => (push.Notification.Text(), push.Redelivered)));
    }

    [Fact]
    public async Task Users_WhoLeave_KeepNoGrain()
    {
        var subscription = await Edge.SubscribeAsync("alice");
        Assert.Equal(1, await UserGrainsAsync());

        await Edge.UnsubscribeAsync("alice", subscription);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);

        await Wait.Until(async () => await UserGrainsAsync() == 0, "the user's grain to end");
    }

    [Fact]
    public async Task Offer_FromAnOlderChannelOfTheQueue_IsRefused()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        Assert.Equal(OfferOutcome.Accepted, (await OfferOnAsync(7, Offer(1, "alice", redelivered: true))).Outcome);

        // A silo that was frozen, and offers what another has offered meanwhile.
        var reply = await OfferOnAsync(3, Offer(2, "alice"));

        Assert.Equal((OfferOutcome.Superseded, 7), (reply.Outcome, reply.NewestChannel));
        await SettledAsync(1);
        Assert.False(Silo.Settled.Contains(2));
    }

    [Fact]
    public async Task Offer_OnNewChannelsWhileNothingCanBeStored_KeepsOneOfEachMessageInItsPlace()
    {
        Silo.Store.RefusesCommits = true;
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Alike(2), Alike(3), Offer(4, "alice", messageId: "m"));

        for (var channel = 2; channel < 5; channel++)
            await OfferOnAsync(channel, Again(Offer(1, "alice")), Again(Alike(2)), Again(Alike(3)), Again(Offer(4, "alice", messageId: "m")));
        await OfferOnAsync(5, Again(Offer(1, "alice")), Again(Alike(2)), Again(Alike(3)), Again(Offer(4, "alice", messageId: "m")), Alike(5));
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
        counted = counted with { Notification = new Notification { Exchange = "notifications", RoutingKey = "user.alice", Headers = [new("x-delivery-count", "1")], Body = counted.Notification.Body, Persistent = true } };

        await OfferOnAsync(2, counted);
        await Edge.SettleAsync(Edge.Received[1]);
        // Its settlement comes first: by the time that it is offered again it is safe.
        await Silo.ShardOf("alice").HastenAsync(["alice"]);
        await SettledAsync(1);
        await OfferOnAsync(2, Again(Offer(2, "alice")), Offer(3, "alice"));

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

        await OfferOnAsync(2, Again(Offer(1, "alice")));
        Silo.Store.RefusesCommits = false;

        await SettledAsync(1);
        Assert.Single(await StoredAsync("alice"));
        Assert.Single(await StoredAsync(device.User));
    }

    [Fact]
    public async Task HandOver_UnsettledMessages_AreStoredAndOfferedAgainByTheNextOwner()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await Wait.Until(() => Edge.Received.Count == 2, "both messages");

        await HandOverAsync("alice");

        // Safe without the client: the broker need not deliver them again.
        await SettledAsync(1);
        await SettledAsync(2);
        await Wait.Until(async () => await UserGrainsAsync() == 0, "the grain that belonged to the former owner to end");
        var reply = await Silo.OfferAsync("alice", 0, Offer(3, "alice"));
        await Edge.SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Count == 5, () => $"both again and the new one; there are {Edge.Received.Count}");
        Assert.Equal(["1", "2", "3"], Edge.Received.Skip(2).Select(push => push.Notification.Text()));
        Assert.Equal([true, true, false], Edge.Received.Skip(2).Select(push => push.Redelivered));
        Assert.Equal(reply.Epoch, Edge.Received[^1].Place.Epoch);
    }

    [Fact]
    public async Task HandOver_WhileMessagesCome_LosesAndReordersNothing()
    {
        await Edge.SubscribeAsync("alice");
        ulong tag = 0;
        var epoch = 0L;
        for (var round = 0; round < 3; round++)
        {
            var moving = HandOverAsync("alice");
            for (var last = tag + 40; tag < last;)
            {
                // As the dispatcher does: what was not taken is offered again.
                var reply = await Silo.OfferAsync("alice", 0, Offer(tag + 1, "alice"));
                if (reply.Outcome == OfferOutcome.Accepted)
                    (tag, epoch) = (tag + 1, reply.Epoch);
            }
            await moving;
        }
        Assert.True(epoch >= 3, $"the shard has been handed over: epoch {epoch}");

        await Edge.SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Select(push => push.Notification.Text()).Distinct().Count() == 120, "all messages");
        var first = Edge.Received.Select(push => int.Parse(push.Notification.Text(), System.Globalization.CultureInfo.InvariantCulture)).Distinct().ToList();
        Assert.Equal(Enumerable.Range(1, 120), first);
    }

    [Fact]
    public async Task Hasten_MessageThatNobodySettles_IsStoredBeforeItsTime()
    {
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message");

        await Silo.ShardOf("alice").HastenAsync(["alice", "nobody"]);

        await SettledAsync(1);
        Assert.Single(await Silo.Store.ReadAsync(ShardMap.ShardOf("alice"), "alice", Place.Start, 10, int.MaxValue, CancellationToken.None));
    }

    private ValueTask<OfferReply> OfferOnAsync(long channelEpoch, params Offer[] offers) =>
        Silo.ShardOf("alice").OfferAsync(new OfferBatch { Origin = Silo.Address, Queue = "q", ChannelEpoch = channelEpoch, ExpectedEpoch = 0, Offers = offers });

    /// <summary>As a delivery that the broker makes again.</summary>
    private static Offer Again(Offer offer) => offer with { Redelivered = true };

    private static Offer Alike(ulong tag) => Offer(tag, "alice") with { Notification = Notification("user.alice", "alike") };

    private Task<IReadOnlyList<StoredMessage>> StoredAsync(string mailbox) =>
        Silo.Store.ReadAsync(ShardMap.ShardOf(mailbox), mailbox, Place.Start, 100, int.MaxValue, CancellationToken.None);

    private Task HandOverAsync(string user) => Silo.Grains.GetGrain<Grains.Shards.IShardUpkeepGrain>(ShardMap.ShardOf(user)).HandOverAsync();

    private async Task<int> UserGrainsAsync() =>
        (await Silo.Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics()).Where(row => row.GrainType.Contains("UserGrain", StringComparison.Ordinal)).Sum(row => row.ActivationCount);

    private async Task DeactivateAsync(string user)
    {
        var grain = Silo.Grains.GetGrain<Grains.Users.IUserGrain>(user).GetGrainId();
        await Silo.Grains.GetGrain<IGrainManagementExtension>(grain).DeactivateOnIdle();
        await Wait.Until(async () => await UserGrainsAsync() == 0, "the user's grain to end");
    }
}
