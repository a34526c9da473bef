using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using Orleans.Core.Internal;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Shards;

/// <summary>The one writer: epochs, owners that follow each other, lost calls and lost grains.</summary>
public sealed class ShardTests : SiloWithEdge
{
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
    public async Task Registration_HeldUpUntilItsSessionsHaveGone_LeavesNobody()
    {
        var phone = MailboxKey.OfDurable("alice", "phone");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        var commits = Silo.Store.Commits;
        var release = Silo.Store.HoldCommits();
        var registering = Silo.ShardOf("alice")
            .RegisterAsync(
                new RegisterRequest(
                    Edge.Name,
                    [new(1, phone, "notifications", "user.alice.#", 10, 1 << 20, 0), new(2, "alice", "notifications", "user.alice.#", 10, 1 << 20, 0)]
                )
            );
        await Wait.Until(() => Silo.Store.Commits > commits, "the durable subscription to be written");

        // The edge waits for an answer for 5 s, and then says what has gone.
        await Silo.ShardOf("alice").UnregisterAsync(new UnregisterRequest(Edge.Name, [new UserSubscription(phone, 1), new UserSubscription("alice", 2)]));
        release.SetResult();
        await registering;

        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));
        await SettledAsync(2);
        Assert.Empty(Edge.Received);
    }

    [Fact]
    public async Task StaleOwner_SomebodyWaitsInIt_IsToldAndTheNextOwnerBegins()
    {
        var first = await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        await Silo.Store.OpenShardAsync(ShardMap.ShardOf("alice"), CancellationToken.None);

        // The registration waits in the lane, behind the message that teaches the owner that it is stale.
        var offering = Silo.OfferAsync("alice", first.Epoch, Offer(2, "alice"));
        var registering = Silo.ShardOf("alice")
            .RegisterAsync(new RegisterRequest(Edge.Name, [new MailboxSubscription(1, "alice", "notifications", "user.alice.#", 10, 1 << 20, 0)]));
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
            "a new owner"
        );
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
            "a new owner"
        );
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
        Assert.Equal(OfferOutcome.Accepted, (await Silo.OfferOnAsync("alice", 7, Offer(1, "alice", redelivered: true))).Outcome);

        // A silo that was frozen, and offers what another has offered meanwhile.
        var reply = await Silo.OfferOnAsync("alice", 3, Offer(2, "alice"));

        Assert.Equal((OfferOutcome.Superseded, 7), (reply.Outcome, reply.NewestChannel));
        await SettledAsync(1);
        Assert.False(Silo.Settled.Contains(2));
    }

    [Fact]
    public async Task Offer_FromASiloThatWasDeclaredDead_IsRefused()
    {
        // It had the first settled by a former owner of the shard; the broker has not heard of that, and brings both again by the queue's next channel.
        var dead = SiloAddress.New(Silo.SiloAddress.Endpoint, Silo.SiloAddress.Generation - 1);
        var refused = await Silo.OfferFromAsync("alice", dead.ToParsableString(), 9, Offer(2, "alice"));

        Assert.Equal((OfferOutcome.Superseded, 0), (refused.Outcome, refused.NewestChannel));
        Assert.Equal(OfferOutcome.Accepted, (await Silo.OfferOnAsync("alice", 3, Offer(1, "alice", redelivered: true), Offer(2, "alice"))).Outcome);
        await Edge.SubscribeAsync("alice");
        await Wait.Until(() => Edge.Received.Count == 2, "both messages");
        Assert.Equal(["1", "2"], Edge.Received.Select(push => push.Notification.Text()));
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
            for (var last = tag + 40; tag < last; )
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
        Assert.Single(await StoredAsync("alice"));
    }

    private Task HandOverAsync(string user) => Silo.Grains.GetGrain<Grains.Shards.IShardUpkeepGrain>(ShardMap.ShardOf(user)).HandOverAsync();

    private async Task<int> UserGrainsAsync() =>
        (await Silo.Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .Where(row => row.GrainType.Contains("UserGrain", StringComparison.Ordinal))
            .Sum(row => row.ActivationCount);

    private async Task DeactivateAsync(string user)
    {
        var grain = Silo.Grains.GetGrain<Grains.Users.IUserGrain>(user).GetGrainId();
        await Silo.Grains.GetGrain<IGrainManagementExtension>(grain).DeactivateOnIdle();
        await Wait.Until(async () => await UserGrainsAsync() == 0, "the user's grain to end");
    }
}
