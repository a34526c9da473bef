using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Grains.Users;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Events;

/// <summary>Who comes and who goes, as other services are told; with a real silo and an edge that the test plays.</summary>
public sealed class PresenceTests : SiloWithEdge
{
    internal override Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder, options => options.RefreshGrace = TimeSpan.FromSeconds(1));

    [Fact]
    public async Task Subscriptions_FirstAndLastAlone_AreTold()
    {
        var first = await Edge.SubscribeAsync("alice");
        var second = await Edge.SubscribeAsync("alice");
        await Edge.UnsubscribeAsync("alice", first);
        await Edge.UnsubscribeAsync("alice", second);
        await Edge.SubscribeAsync("alice");

        await PresenceAsync("alice", "online", "offline", "online");
    }

    [Fact]
    public async Task PageIsReloaded_NothingIsTold_UntilNobodyComesInTime()
    {
        await Edge.LoseAsync("alice", await Edge.SubscribeAsync("alice"));
        var next = await Edge.SubscribeAsync("alice");
        Assert.Equal(["online"], Silo.Events.PresenceOf("alice"));

        await Edge.LoseAsync("alice", next);
        Assert.Equal(["online"], Silo.Events.PresenceOf("alice"));

        await PresenceAsync("alice", "online", "offline");
    }

    [Fact]
    public async Task ShardHasAnotherOwner_WhatWasRegisteredBeforeIsNotToldAgain()
    {
        var epoch = (await Edge.RegisterAsync("alice", 1)).Epoch;
        await PresenceAsync("alice", "online");
        await RestartAsync();

        await Edge.RegisterAsync("alice", 1, lastEpoch: epoch);
        var next = await Edge.RegisterAsync("bob", 2);
        await PresenceAsync("bob", "online");
        Assert.Empty(Silo.Events.PresenceOf("alice"));

        // He is known to be there all the same.
        await Edge.UnsubscribeAsync("alice", 1);
        await PresenceAsync("alice", "offline");
        Assert.NotEqual(0, next.Link);
    }

    [Fact]
    public async Task EdgeComesBackAfterItsUserWasTakenForGone_IsToldAgain()
    {
        var epoch = (await Edge.RegisterAsync("alice", 1)).Epoch;
        await Edge.UnsubscribeAsync("alice", 1);
        await PresenceAsync("alice", "online", "offline");

        await Edge.RegisterAsync("alice", 1, lastEpoch: epoch);

        await PresenceAsync("alice", "online", "offline", "online");
    }

    [Fact]
    public async Task OnlineUsers_AreCountedOnceEach_WhateverMailboxesTheyHave()
    {
        using var counted = new MetricCollector<long>(Silo.Services.GetRequiredService<IMeterFactory>(), UserMetrics.MeterName, "notifyorleans.users.online");
        var phone = MailboxKey.OfDurable("alice", "phone");
        var own = await Edge.SubscribeAsync("alice");
        var durable = await Edge.SubscribeAsync(phone, "user.alice.#");
        await Edge.UnsubscribeAsync("alice", own);
        await Edge.UnsubscribeAsync(phone, durable);
        await PresenceAsync("alice", "online", "offline");
        await Silo.OfferAsync("carol", 0, Offer(1, "carol"));
        await SettledAsync(1);
        Assert.Equal([1, -1], counted.GetMeasurementSnapshot().Select(measurement => measurement.Value));

        await Edge.SubscribeAsync("bob");
        await PresenceAsync("bob", "online");
        Assert.Equal(1, counted.GetMeasurementSnapshot().Sum(measurement => measurement.Value));
        await Silo.Grains.GetGrain<IShardUpkeepGrain>(ShardMap.ShardOf("bob")).HandOverAsync();
        await Wait.Until(() => counted.GetMeasurementSnapshot().Sum(measurement => measurement.Value) == 0, "who is the next owner's to be counted no more");
    }

    private Task PresenceAsync(string user, params string[] states) =>
        Wait.Until(
            () => Silo.Events.PresenceOf(user).SequenceEqual(states),
            () => $"{string.Join(", ", states)}; it is {string.Join(", ", Silo.Events.PresenceOf(user))}"
        );
}
