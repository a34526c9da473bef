using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Grains.Tests.Events;

/// <summary>Who comes and who goes, as other services are told; with a real silo and an edge that the test plays.</summary>
public sealed class PresenceTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestSilo _silo = null!;
    private ScriptedEdge _edge = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(_folder.Path, options => options.RefreshGrace = TimeSpan.FromSeconds(1));
        _edge = await ScriptedEdge.StartAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Subscriptions_FirstAndLastAlone_AreTold()
    {
        var first = await _edge.SubscribeAsync("alice");
        var second = await _edge.SubscribeAsync("alice");
        await _edge.UnsubscribeAsync("alice", first);
        await _edge.UnsubscribeAsync("alice", second);
        await _edge.SubscribeAsync("alice");

        await PresenceAsync("alice", "online", "offline", "online");
    }

    [Fact]
    public async Task PageIsReloaded_NothingIsTold_UntilNobodyComesInTime()
    {
        await _edge.LoseAsync("alice", await _edge.SubscribeAsync("alice"));
        var next = await _edge.SubscribeAsync("alice");
        Assert.Equal(["online"], _silo.Events.PresenceOf("alice"));

        await _edge.LoseAsync("alice", next);
        Assert.Equal(["online"], _silo.Events.PresenceOf("alice"));

        await PresenceAsync("alice", "online", "offline");
    }

    [Fact]
    public async Task ShardHasAnotherOwner_WhatWasRegisteredBeforeIsNotToldAgain()
    {
        var epoch = (await _edge.RegisterAsync("alice", 1)).Epoch;
        await PresenceAsync("alice", "online");
        await _edge.DisposeAsync();
        await _silo.DisposeAsync();
        await InitializeAsync();

        await _edge.RegisterAsync("alice", 1, lastEpoch: epoch);
        var next = await _edge.RegisterAsync("bob", 2);
        await PresenceAsync("bob", "online");
        Assert.Empty(_silo.Events.PresenceOf("alice"));

        // He is known to be there all the same.
        await _edge.UnsubscribeAsync("alice", 1);
        await PresenceAsync("alice", "offline");
        Assert.True(next.Linked);
    }

    [Fact]
    public async Task EdgeComesBackAfterItsUserWasTakenForGone_IsToldAgain()
    {
        var epoch = (await _edge.RegisterAsync("alice", 1)).Epoch;
        await _edge.UnsubscribeAsync("alice", 1);
        await PresenceAsync("alice", "online", "offline");

        await _edge.RegisterAsync("alice", 1, lastEpoch: epoch);

        await PresenceAsync("alice", "online", "offline", "online");
    }

    private Task PresenceAsync(string user, params string[] states) => Wait.Until(
        () => _silo.Events.PresenceOf(user).SequenceEqual(states), () => $"{string.Join(", ", states)}; it is {string.Join(", ", _silo.Events.PresenceOf(user))}");
}
