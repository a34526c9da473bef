using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Users;

/// <summary>
/// A shard has another owner, and edges register their sessions there again one after the other; with one real silo, its outbox and two edges that the test
/// plays.
/// </summary>
public sealed class TakeoverTests : SiloWithEdge
{
    private ScriptedEdge _other = null!;
    private long _lastEpoch;
    private int _maxMessagesInMemory = 10;
    private TimeSpan _refreshGrace = TimeSpan.FromSeconds(30);

    // Nothing here may depend on how busy the machine is.
    internal override Task<TestSilo> StartSiloAsync(string folder) =>
        TestSilo.StartAsync(folder, options =>
            (options.MaxMessagesInMemory, options.TakeoverGrace, options.RefreshGrace) = (_maxMessagesInMemory, Wait.DefaultTimeout, _refreshGrace)
        );

    [Fact]
    public async Task LateSession_GetsWhatAnotherHasSettledMeanwhile()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await SettledAsync(1);
        await TakeOverAsync();
        await ComeAsync(Edge);
        await Silo.OfferAsync("alice", 0, Offer(2, "alice"), Offer(3, "alice", persistent: false));
        await ReceivedAsync(3);
        await Edge.SettleAsync(Edge.Received);
        await Wait.Until(async () => (await TallyAsync("alice")).Messages == 0, "the stored message to go");
        await SettledAsync(2);

        await ComeAsync(_other);
        await Silo.OfferAsync("alice", 0, Offer(4, "alice"));

        await ReceivedAsync(_other, 4);
        // As if it had been there from the first: the one from before may have been on its screen, the others not.
        Assert.Equal([("1", true), ("2", false), ("3", false), ("4", false)], _other.Received.Select(push => (push.Notification.Text(), push.Redelivered)));
        Assert.All(_other.Received, push => Assert.Equal(0, push.Dropped));
        await ReceivedAsync(4);
        AssertBodies("1", "2", "3", "4");
    }

    [Fact]
    public async Task LateSession_TheOtherHasLeft_GetsWhatCameMeanwhile()
    {
        await TakeOverAsync();
        await ComeAsync(Edge);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1));
        await SettledAsync(1);
        await Edge.UnsubscribeAsync("alice", 1);
        await Silo.OfferAsync("alice", 0, Offer(2, "alice", persistent: false), Offer(3, "alice"));
        await SettledAsync(3);

        await ComeAsync(_other);

        await ReceivedAsync(_other, 3);
        Assert.Equal(["1", "2", "3"], _other.Received.Select(push => push.Notification.Text()));
    }

    [Fact]
    public async Task LateSession_RegisteredOnceMoreAsTheAnswerWasLost_GetsNothingTwice()
    {
        _refreshGrace = TimeSpan.Zero;
        await TakeOverAsync();
        await ComeAsync(Edge);
        await ComeAsync(_other);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice", persistent: false));
        await ReceivedAsync(2);
        await Edge.SettleAsync(Edge.Received);
        await SettledAsync(1);
        await Edge.CloseAsync();

        await Edge.OpenAsync();
        await ComeAsync(Edge);
        await Silo.OfferAsync("alice", 0, Offer(3, "alice"));

        await ReceivedAsync(1);
        AssertBodies("3");
    }

    [Fact]
    public async Task LateSession_MoreThanMemoryHolds_IsToldWhatItMissed()
    {
        await TakeOverAsync();
        await ComeAsync(Edge);
        for (var tag = 1; tag <= 16; tag++)
        {
            await Silo.OfferAsync("alice", 0, Offer((ulong)tag, "alice", key: tag % 2 == 0 ? "user.alice.even" : "user.alice.odd"));
            await Edge.SettleAsync(await ReceivedAsync(tag));
            await SettledAsync((ulong)tag);
        }

        await ComeAsync(_other, "user.alice.even");

        // Memory has the last ten; of the six before them three are none of this one's.
        await ReceivedAsync(_other, 5);
        Assert.Equal([("8", 3), ("10", 0), ("12", 0), ("14", 0), ("16", 0)], _other.Received.Select(push => (push.Notification.Text(), push.Dropped)));
    }

    [Fact]
    public async Task LaggingSession_MoreThanMemoryHoldsForLateOnes_MissesNothing()
    {
        await TakeOverAsync();
        await Edge.RegisterAsync("alice", 1, "user.alice.rare", maxMessages: 1, lastEpoch: _lastEpoch);
        await ComeAsync(_other);
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(1, "alice", key: "user.alice.rare", persistent: false),
            Offer(2, "alice", key: "user.alice.rare", persistent: false)
        );
        for (var tag = 3; tag <= 20; tag++)
        {
            await Silo.OfferAsync("alice", 0, Offer((ulong)tag, "alice"));
            await ReceivedAsync(_other, tag);
            await _other.SettleAsync(_other.Received[tag - 1]);
            await SettledAsync((ulong)tag);
        }

        await Edge.SettleAsync(await ReceivedAsync(1));

        var second = await ReceivedAsync(2);
        Assert.Equal(("2", 0), (second.Notification.Text(), second.Dropped));
    }

    [Fact]
    public async Task NewSession_GetsTheUndeliveredAlone()
    {
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await SettledAsync(2);
        await TakeOverAsync();
        await ComeAsync(Edge);
        await ReceivedAsync(2);
        await Edge.SettleAsync(Edge.Received[0]);
        await Wait.Until(async () => (await TallyAsync("alice")).Messages == 1, "the first to go");

        await _other.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(3, "alice"));

        await ReceivedAsync(_other, 2);
        Assert.Equal(["2", "3"], _other.Received.Select(push => push.Notification.Text()));
    }

    [Fact]
    public async Task TransientMessagesBeforeAnybodyIsThere_ComeToEachLateSessionThatTakesThem()
    {
        await TakeOverAsync();
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(1, "alice", key: "user.alice.mail", persistent: false),
            Offer(2, "alice", key: "user.alice.print", persistent: false)
        );
        await SettledAsync(2);

        await ComeAsync(Edge, "user.alice.print");
        await ComeAsync(_other);

        await ReceivedAsync(_other, 2);
        Assert.Equal([("1", false), ("2", false)], _other.Received.Select(push => (push.Notification.Text(), push.Redelivered)));
        AssertBodies("2");
    }

    [Fact]
    public async Task TransientMessagesBeforeAnybodyIsThere_ComeToTheFirstNewSessionThatTakesThem()
    {
        await Silo.OfferAsync(
            "alice",
            0,
            Offer(1, "alice", key: "user.alice.mail", persistent: false),
            Offer(2, "alice", key: "user.alice.print", persistent: false)
        );
        await SettledAsync(2);

        await Edge.SubscribeAsync("alice", "user.alice.print");
        await Edge.SubscribeAsync("alice", "user.alice.mail");
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(3, "alice"));

        await ReceivedAsync(3);
        AssertBodies("2", "1", "3");
    }

    [Fact]
    public async Task TransientMessagesBeforeAnybodyIsThere_MoreThanAreHeld_TheOldestGoAndAreTold()
    {
        _maxMessagesInMemory = 100;
        await TakeOverAsync();
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 130).Select(tag => Offer((ulong)tag, "alice", persistent: false))]);
        await SettledAsync(130);

        await ComeAsync(Edge);
        await ComeAsync(_other);

        foreach (var edge in (ScriptedEdge[])[Edge, _other])
        {
            await ReceivedAsync(edge, 100);
            Assert.Equal([.. Enumerable.Range(31, 100).Select(tag => tag.ToString())], edge.Received.Select(push => push.Notification.Text()));
            Assert.Equal([30, .. Enumerable.Repeat(0L, 99)], edge.Received.Select(push => push.Dropped));
        }
    }

    [Fact]
    public async Task GraceIsOver_NothingIsKeptForLateSessions()
    {
        await RestartAsync(folder => TestSilo.StartAsync(folder, options => options.TakeoverGrace = TimeSpan.FromSeconds(1)));
        await ComeAsync(Edge);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Edge.SettleAsync(await ReceivedAsync(1));
        await SettledAsync(1);

        await Edge.UnsubscribeAsync("alice", 1);

        await Wait.Until(async () => await UserGrainsAsync() == 0, "the user's grain to end");
    }

    public override async Task DisposeAsync()
    {
        if (_other is not null)
            await _other.DisposeAsync();
        await base.DisposeAsync();
    }

    /// <summary>The user's sessions on two edges are registered, and the shard gets another owner.</summary>
    private async Task TakeOverAsync()
    {
        _lastEpoch = (await Silo.OfferAsync("alice", 0)).Epoch;
        await RestartAsync();
        _other = await ScriptedEdge.StartAsync(Silo);
    }

    /// <summary>An edge registers its session with the next owner.</summary>
    private async Task ComeAsync(ScriptedEdge edge, string pattern = "") =>
        Assert.Equal(edge.Link, (await edge.RegisterAsync("alice", 1, pattern, lastEpoch: _lastEpoch)).Link);

    private static Task ReceivedAsync(ScriptedEdge edge, int count) =>
        Wait.Until(() => edge.Received.Count >= count, () => $"{count} messages at the edge; there are {edge.Received.Count}");

    private async Task<int> UserGrainsAsync() =>
        (await Silo.Grains.GetGrain<IManagementGrain>(0).GetSimpleGrainStatistics())
            .Where(row => row.GrainType.Contains("UserGrain", StringComparison.Ordinal))
            .Sum(row => row.ActivationCount);
}
