using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Events;

/// <summary>When other services are told that messages wait for somebody who is away; with a real silo and its outbox.</summary>
public sealed class UndeliveredTests : IAsyncLifetime
{
    private static readonly EventsOptions Told = new() { Undelivered = new UndeliveredOptions { After = TimeSpan.FromSeconds(1) } };

    private readonly TemporaryFolder _folder = new();
    private TestSilo _silo = null!;

    public async Task InitializeAsync() => _silo = await StartAsync(Told);

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task UserIsAway_IsToldOnceForEachAbsence()
    {
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        await ToldAsync("alice", 1);
        var tally = await TallyAsync("alice");

        var first = _silo.Events.UndeliveredOf("alice")[0];
        Assert.Equal((2, tally.Bytes, 0), (first.Messages, first.Bytes, first.Dropped));
        Assert.InRange(first.DueAt - first.Oldest.ToUnixTimeMilliseconds(), 1000, 60_000);

        // More of the same absence is not told; of another user it is, later.
        await _silo.OfferAsync("alice", 0, Offer(3, "alice"));
        await _silo.OfferAsync("bob", 0, Offer(4, "bob"));
        await ToldAsync("bob", 1);
        Assert.Single(_silo.Events.UndeliveredOf("alice"));

        await using var edge = await ScriptedEdge.StartAsync(_silo);
        var subscription = await edge.SubscribeAsync("alice");
        await edge.UnsubscribeAsync("alice", subscription);
        await ToldAsync("alice", 2);
        var second = _silo.Events.UndeliveredOf("alice")[1];
        Assert.Equal(3, second.Messages);
        Assert.NotEqual(first.DueAt, second.DueAt);
    }

    [Fact]
    public async Task UserIsThere_IsNotToldUntilHeHasGone()
    {
        await using var edge = await ScriptedEdge.StartAsync(_silo);
        var subscription = await edge.SubscribeAsync("alice", maxMessages: 1);
        // Nobody settles them, so they are stored; their time comes again and again.
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"), Offer(2, "alice"));
        HashSet<long> plans = [];
        await Wait.Until(
            async () =>
            {
                if ((await TallyAsync("alice")).NoticeAt is not 0 and var plan)
                    plans.Add(plan);
                return plans.Count == 3;
            },
            "the time to be set anew twice"
        );
        Assert.DoesNotContain(MailboxTally.Told, plans);
        Assert.Empty(_silo.Events.UndeliveredOf("alice"));

        await edge.UnsubscribeAsync("alice", subscription);

        await ToldAsync("alice", 1);
    }

    [Fact]
    public async Task MessagesAreDelivered_NothingIsDue()
    {
        _silo.Events.IsAway = true;
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(async () => (await TallyAsync("alice")).NoticeAt > 0, "the event to be planned with the row");
        await using var edge = await ScriptedEdge.StartAsync(_silo);
        var subscription = await edge.SubscribeAsync("alice");
        await Wait.Until(() => edge.Received.Count == 1, "the message to be offered");
        await edge.SettleAsync(edge.Received);
        await Wait.Until(async () => await TallyAsync("alice") == default, "the tally to go with the last row");
        await edge.UnsubscribeAsync("alice", subscription);
        _silo.Events.IsAway = false;

        await _silo.OfferAsync("bob", 0, Offer(2, "bob"));
        await ToldAsync("bob", 1);

        Assert.Empty(_silo.Events.UndeliveredOf("alice"));
    }

    [Fact]
    public async Task BrokerIsAway_EventStaysDueAndIsTheSame()
    {
        _silo.Events.IsAway = true;
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => _silo.Events.Failed.Count >= 2, "two attempts");

        _silo.Events.IsAway = false;

        await ToldAsync("alice", 1);
        Assert.All(_silo.Events.Failed, attempt => Assert.Equal(_silo.Events.UndeliveredOf("alice")[0].DueAt, attempt.DueAt));
    }

    [Fact]
    public async Task SiloRestarts_WhatWasPlannedIsTold_WhatWasToldIsNot()
    {
        await _silo.OfferAsync("told", 0, Offer(1, "told"));
        await ToldAsync("told", 1);
        _silo.Events.IsAway = true;
        await _silo.OfferAsync("planned", 0, Offer(2, "planned"));
        await Wait.Until(async () => (await TallyAsync("planned")).NoticeAt > 0, "the event to be planned");
        await _silo.DisposeAsync();

        _silo = await StartAsync(Told);

        await ToldAsync("planned", 1);
        Assert.Empty(_silo.Events.UndeliveredOf("told"));
        Assert.Equal(MailboxTally.Told, (await TallyAsync("told")).NoticeAt);
    }

    [Fact]
    public async Task EventIsOff_NothingIsPlanned_AndWhatWasPlannedGoes()
    {
        _silo.Events.IsAway = true;
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(async () => (await TallyAsync("alice")).NoticeAt > 0, "the event to be planned");
        await _silo.DisposeAsync();

        _silo = await StartAsync(new EventsOptions());
        await _silo.OfferAsync("alice", 0, Offer(2, "alice"));

        await Wait.Until(async () => await TallyAsync("alice") is { Messages: 2, NoticeAt: 0 }, "two rows and no plan");
    }

    private Task<TestSilo> StartAsync(EventsOptions events) =>
        TestSilo.StartAsync(
            _folder.Path,
            options =>
            {
                options.TakeoverGrace = TimeSpan.Zero;
                options.RefreshGrace = TimeSpan.Zero;
                options.StoreAfter = TimeSpan.FromMilliseconds(100);
            },
            events: events
        );

    private Task ToldAsync(string user, int count) =>
        Wait.Until(
            async () => _silo.Events.UndeliveredOf(user).Count == count && (await TallyAsync(user)).NoticeAt == MailboxTally.Told,
            $"event {count} of {user}, and that it is written down"
        );

    private Task<MailboxTally> TallyAsync(string user) => _silo.Store.ReadTallyAsync(ShardMap.ShardOf(user), user, default);
}
