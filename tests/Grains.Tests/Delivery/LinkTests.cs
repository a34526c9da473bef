using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Grains.Topics;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Delivery;

/// <summary>The way from a silo to an edge, and what happens when it breaks.</summary>
public sealed class LinkTests : IAsyncLifetime
{
    private readonly TemporaryFolder _folder = new();
    private TestSilo _silo = null!;
    private ScriptedEdge _edge = null!;

    public async Task InitializeAsync()
    {
        _silo = await TestSilo.StartAsync(_folder.Path, delivery: options =>
        {
            options.MaxBatchMessages = 8;
            options.LinkTimeout = TimeSpan.FromSeconds(3);
        });
        _edge = await ScriptedEdge.StartAsync(_silo);
    }

    public async Task DisposeAsync()
    {
        await _edge.DisposeAsync();
        await _silo.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Link_OfAnotherSiloEnds_ChangesNothingHere()
    {
        var subscription = await _edge.SubscribeAsync("alice");

        // It hosted the shard, was frozen, and its link happens to have the same number.
        await _silo.ShardOf("alice").UnregisterAsync(new UnregisterRequest(
            _edge.Name, [new UserSubscription("alice", subscription, Lost: true)], new EndedLink("127.0.0.1:1@1", _edge.Link)));

        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => _edge.Received.Count == 1, "the message");
    }

    [Fact]
    public async Task Link_OpenedAnewAndItsEndIsToldLate_KeepsTheNewRegistrationAndTheOrder()
    {
        var subscription = await _edge.SubscribeAsync("alice");
        var former = _edge.Link;
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => _edge.Received.Count == 1, "the message over the first link");

        await _edge.OpenAsync();
        Assert.True((await _edge.RegisterAsync("alice", subscription)).Linked);
        // What the end of the former link brings about may come after the registration over the next one.
        await _silo.ShardOf("alice").UnregisterAsync(new UnregisterRequest(_edge.Name, [new UserSubscription("alice", subscription, Lost: true)], new EndedLink(_silo.Address, former)));
        await _silo.OfferAsync("alice", 0, Offer(2, "alice"));

        await Wait.Until(() => _edge.Received.Count == 2, () => $"both messages over the second link; there are {_edge.Received.Count}");
        Assert.Equal([("1", true), ("2", false)], _edge.Received.Select(push => (push.Notification.Text(), push.Redelivered)));
        await _edge.SettleAsync(_edge.Received);
        await Wait.Until(() => _silo.Settled.Contains(2), "the message to be settled");
    }

    [Fact]
    public async Task Register_WithoutALink_IsNotLinked()
    {
        await _edge.CloseAsync();

        var reply = await _edge.RegisterAsync("alice", 1);

        Assert.False(reply.Linked);
        Assert.Equal(_silo.Address, reply.Silo);
    }

    [Fact]
    public async Task Push_ManyMessages_ComeInNumberedBatchesWithoutAGap()
    {
        List<PushBatch> batches = [];
        _edge.OnPush = batch =>
        {
            lock (batches)
                batches.Add(batch);
            return Task.FromResult(PushReply.Accepted);
        };
        await _edge.SubscribeAsync("alice");
        await _silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 100).Select(tag => Offer((ulong)tag, "alice"))]);

        await Wait.Until(() => _edge.Received.Count == 100, "all messages");
        Assert.Equal(Enumerable.Range(1, 100).Select(tag => tag.ToString()), _edge.Received.Select(push => push.Notification.Text()));
        lock (batches)
        {
            Assert.Equal(Enumerable.Range(1, batches.Count).Select(number => (long)number), batches.Select(batch => batch.Sequence).Order());
            Assert.All(batches, batch => Assert.InRange(batch.Mailbox.Length, 1, 8));
        }
    }

    [Fact]
    public async Task Push_AnswerIsLost_IsSentAgainUnderItsNumber()
    {
        List<long> sequences = [];
        _edge.OnPush = batch =>
        {
            lock (sequences)
            {
                sequences.Add(batch.Sequence);
                return sequences.Count == 1 ? throw new InvalidOperationException("lost") : Task.FromResult(PushReply.Accepted);
            }
        };
        await _edge.SubscribeAsync("alice");
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));

        await Wait.Until(() => _edge.Received.Count == 1, "the message");
        lock (sequences)
            Assert.Equal([1, 1], sequences);
    }

    [Fact]
    public async Task Link_UnknownToTheEdge_EndsAndWhatWasUnderWayGoesToTheNext()
    {
        await _edge.SubscribeAsync("alice");
        _edge.OnPush = _ => Task.FromResult(PushReply.UnknownLink);
        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(async () => !(await _edge.BeatOnceAsync()).Known, "the silo to forget the link");

        _edge.OnPush = null;
        await _edge.OpenAsync();
        await _edge.RegisterAsync("alice", 2);

        await Wait.Until(() => _edge.Received.Count == 1, "the message on the new link");
        Assert.True(_edge.Received[0].Redelivered);
    }

    [Fact]
    public async Task Edge_FallsSilent_ItsSubscriptionsGoAndMessagesAreStored()
    {
        await _edge.SubscribeAsync("alice");
        await _edge.VanishAsync();
        await Wait.Until(async () => !(await _edge.RegisterAsync("bob", 99)).Linked, "the link to end");

        await _silo.OfferAsync("alice", 0, Offer(1, "alice"));

        await Wait.Until(() => _silo.Settled.Contains(1), "the message to be stored");
        Assert.Equal(1, (await _silo.Store.ReadTallyAsync(ShardMap.ShardOf("alice"), "alice", CancellationToken.None)).Messages);
    }

    [Fact]
    public async Task Beat_ShardsChanged_TellsThemOnce()
    {
        await _edge.SubscribeAsync("alice");

        var first = await _edge.BeatOnceAsync();
        var second = await _edge.BeatOnceAsync(first.ShardsVersion);

        Assert.Contains(first.Shards!, shard => shard.Shard == ShardMap.ShardOf("alice") && shard.Epoch == 1);
        Assert.Null(second.Shards);
    }

    [Fact]
    public async Task Topic_GoesOnceToEachInterestedEdge()
    {
        await using var other = await ScriptedEdge.StartAsync(_silo, new TopicInterest("notifications", "news.#"), new TopicInterest("notifications", "news.*"));
        var fanout = _silo.Services.GetRequiredService<TopicFanout>();

        fanout.Publish(false, Notification("news.today", "a"));
        await Wait.Until(() => other.Topics.Count == 1, "the topic message");
        await _edge.ChangeInterestAsync([new TopicInterest("notifications", "news.#")], []);
        fanout.Publish(false, Notification("news.today", "b"));
        await Wait.Until(() => other.Topics.Count == 2 && _edge.Topics.Count == 1, "the topic message at both edges");
        await _edge.ChangeInterestAsync([], [new TopicInterest("notifications", "news.#")]);
        fanout.Publish(false, Notification("news.today", "c"));
        await Wait.Until(() => other.Topics.Count == 3, "the last topic message");

        Assert.Equal(["a", "b", "c"], other.Topics.Select(push => push.Notification.Text()));
        Assert.Equal(["b"], _edge.Topics.Select(push => push.Notification.Text()));
    }

    [Fact]
    public async Task Topic_RightAfterTheStart_IsKeptForEdgesThatLinkAgain()
    {
        _silo.Services.GetRequiredService<TopicFanout>().Publish(false, Notification("news.today", "early"));

        await using var late = await ScriptedEdge.StartAsync(_silo, new TopicInterest("notifications", "news.#"));

        await Wait.Until(() => late.Topics.Count == 1, "the early topic message");
    }
}
