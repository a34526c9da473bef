using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics.Testing;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Delivery;

/// <summary>The way from a silo to an edge, and what happens when it breaks.</summary>
public sealed class LinkTests : SiloWithEdge
{
    internal override Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder, delivery: options =>
        {
            options.MaxBatchMessages = 8;
            options.LinkTimeout = TimeSpan.FromSeconds(3);
        });

    [Fact]
    public async Task Link_OfAnotherSiloEnds_ChangesNothingHere()
    {
        var subscription = await Edge.SubscribeAsync("alice");

        // It hosted the shard, was frozen, and its link happens to have the same number.
        await Silo.ShardOf("alice")
            .UnregisterAsync(
                new UnregisterRequest(Edge.Name, [new UserSubscription("alice", subscription, Lost: true)], new EndedLink("127.0.0.1:1@1", Edge.Link))
            );

        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message");
    }

    [Fact]
    public async Task Link_OpenedAnewAndItsEndIsToldLate_KeepsTheNewRegistrationAndTheOrder()
    {
        var subscription = await Edge.SubscribeAsync("alice");
        var former = Edge.Link;
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(() => Edge.Received.Count == 1, "the message over the first link");

        await Edge.OpenAsync();
        Assert.Equal(Edge.Link, (await Edge.RegisterAsync("alice", subscription)).Link);
        // What the end of the former link brings about may come after the registration over the next one.
        await Silo.ShardOf("alice")
            .UnregisterAsync(new UnregisterRequest(Edge.Name, [new UserSubscription("alice", subscription, Lost: true)], new EndedLink(Silo.Address, former)));
        await Silo.OfferAsync("alice", 0, Offer(2, "alice"));

        await Wait.Until(() => Edge.Received.Count == 2, () => $"both messages over the second link; there are {Edge.Received.Count}");
        Assert.Equal([("1", true), ("2", false)], Edge.Received.Select(push => (push.Notification.Text(), push.Redelivered)));
        await Edge.SettleAsync(Edge.Received);
        await Wait.Until(() => Silo.Settled.Contains(2), "the message to be settled");
    }

    [Fact]
    public async Task Register_WithoutALink_IsNotLinked()
    {
        await Edge.CloseAsync();

        var reply = await Edge.RegisterAsync("alice", 1);

        Assert.Equal(0, reply.Link);
        Assert.Equal(Silo.Address, reply.Silo);
    }

    [Fact]
    public async Task Push_ManyMessages_ComeInNumberedBatchesWithoutAGap()
    {
        List<PushBatch> batches = [];
        Edge.OnPush = batch =>
        {
            lock (batches)
                batches.Add(batch);
            return Task.FromResult(PushReply.Accepted);
        };
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, [.. Enumerable.Range(1, 100).Select(tag => Offer((ulong)tag, "alice"))]);

        await Wait.Until(() => Edge.Received.Count == 100, "all messages");
        Assert.Equal(Enumerable.Range(1, 100).Select(tag => tag.ToString()), Edge.Received.Select(push => push.Notification.Text()));
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
        Edge.OnPush = batch =>
        {
            lock (sequences)
            {
                sequences.Add(batch.Sequence);
                return sequences.Count == 1 ? throw new InvalidOperationException("lost") : Task.FromResult(PushReply.Accepted);
            }
        };
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));

        await Wait.Until(() => Edge.Received.Count == 1, "the message");
        lock (sequences)
            Assert.Equal([1, 1], sequences);
    }

    [Fact]
    public async Task Push_NoAnswerComes_IsMissedAndSentAgain()
    {
        using var resent = new MetricCollector<long>(
            Silo.Services.GetRequiredService<IMeterFactory>(),
            DeliveryMetrics.MeterName,
            "notifyorleans.links.resent"
        );
        var (calls, answer) = (0, new TaskCompletionSource<PushReply>());
        Edge.OnPush = _ => Interlocked.Increment(ref calls) == 1 ? answer.Task : Task.FromResult(PushReply.Accepted);
        await Edge.SubscribeAsync("alice");
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));

        await Wait.Until(() => resent.LastMeasurement is not null, "the batch to be sent again");
        answer.SetResult(PushReply.Accepted);
        await Wait.Until(() => calls >= 2, "the batch once more");
        Assert.Single(Edge.Received);
    }

    [Fact]
    public async Task Link_UnknownToTheEdge_EndsAndWhatWasUnderWayGoesToTheNext()
    {
        await Edge.SubscribeAsync("alice");
        Edge.OnPush = _ => Task.FromResult(PushReply.UnknownLink);
        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));
        await Wait.Until(async () => !(await Edge.BeatOnceAsync()).Known, "the silo to forget the link");

        Edge.OnPush = null;
        await Edge.OpenAsync();
        await Edge.RegisterAsync("alice", 2);

        await Wait.Until(() => Edge.Received.Count == 1, "the message on the new link");
        Assert.True(Edge.Received[0].Redelivered);
    }

    [Fact]
    public async Task Edge_FallsSilent_ItsSubscriptionsGoAndMessagesAreStored()
    {
        await Edge.SubscribeAsync("alice");
        await Edge.VanishAsync();
        await Wait.Until(async () => (await Edge.RegisterAsync("bob", 99)).Link == 0, "the link to end");

        await Silo.OfferAsync("alice", 0, Offer(1, "alice"));

        await Wait.Until(() => Silo.Settled.Contains(1), "the message to be stored");
        Assert.Equal(1, (await Silo.Store.ReadTallyAsync(ShardMap.ShardOf("alice"), "alice", CancellationToken.None)).Messages);
    }

    [Fact]
    public async Task Beat_ShardsChanged_TellsThemOnce()
    {
        await Edge.SubscribeAsync("alice");

        var first = await Edge.BeatOnceAsync();
        var second = await Edge.BeatOnceAsync(first.ShardsVersion);

        Assert.Contains(first.Shards!, shard => shard.Shard == ShardMap.ShardOf("alice") && shard.Epoch == 1);
        Assert.Null(second.Shards);
    }
}
