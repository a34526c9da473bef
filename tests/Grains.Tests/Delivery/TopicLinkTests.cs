using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Grains.Topics;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Delivery;

/// <summary>Topics and how far their logs have come, over a link: what comes, what is dropped, and what the next link brings.</summary>
public sealed class TopicLinkTests : SiloWithEdge
{
    private static readonly TopicInterest News = new("notifications", "news.#");

    internal override Task<TestSilo> StartSiloAsync(string folder) => TestSilo.StartAsync(folder, delivery: options =>
        {
            options.MaxBatchMessages = 8;
            options.LinkTimeout = TimeSpan.FromSeconds(3);
            // So much later an edge may come, on however slow a machine.
            options.StartGrace = TimeSpan.FromMinutes(1);
        });

    [Fact]
    public async Task Topic_GoesOnceToEachInterestedEdge()
    {
        await using var other = await ScriptedEdge.StartAsync(Silo, new TopicInterest("notifications", "news.#"), new TopicInterest("notifications", "news.*"));
        var fanout = Silo.Services.GetRequiredService<TopicFanout>();

        fanout.Publish("partition-0", false, Notification("news.today", "a"));
        await Wait.Until(() => other.Topics.Count == 1, "the topic message");
        await Edge.ChangeInterestAsync([new TopicInterest("notifications", "news.#")], []);
        fanout.Publish("partition-0", false, Notification("news.today", "b"));
        await Wait.Until(() => other.Topics.Count == 2 && Edge.Topics.Count == 1, "the topic message at both edges");
        await Edge.ChangeInterestAsync([], [new TopicInterest("notifications", "news.#")]);
        fanout.Publish("partition-0", false, Notification("news.today", "c"));
        await Wait.Until(() => other.Topics.Count == 3, "the last topic message");

        Assert.Equal(["a", "b", "c"], other.Topics.Select(push => push.Notification.Text()));
        Assert.Equal(["b"], Edge.Topics.Select(push => push.Notification.Text()));
    }

    [Fact]
    public async Task Mark_OfADurableLog_ComesBehindItsTopics()
    {
        await Edge.ChangeInterestAsync([new TopicInterest("notifications", "news.#")], []);
        var fanout = Silo.Services.GetRequiredService<TopicFanout>();
        fanout.Publish("partition-0", false, Notification("news.today", "a"), new LogPosition("partition-0", 1, 7));
        fanout.Mark(new LogPosition("partition-0", 1, 9));

        await Wait.Until(() => Edge.Marks.Count == 1, "the mark");

        Assert.Equal(new LogPosition("partition-0", 1, 9), Edge.Marks[0]);
        Assert.Equal(new LogPosition("partition-0", 1, 7), Assert.Single(Edge.Topics).Stored);
        Assert.False(Edge.HasDroppedTopics);
    }

    [Fact]
    public async Task Topic_DroppedForAnEdgeThatDoesNotKeepUp_IsToldToItInItsPlace()
    {
        var (options, goOn) = await HoldUpAsync();
        Publish("b");
        Publish("c");
        Publish("d", "news.tomorrow");
        Publish("e");
        options.MaxTopicBacklogBytes = 1 << 20;
        Publish("f");
        goOn.SetResult(PushReply.Accepted);

        await Wait.Until(() => Edge.Topics.Count == 3, "what was not dropped");
        Assert.Equal(["a", "b", "f"], Edge.Topics.Select(push => push.Notification.Text()));
        var batch = Assert.Single(Edge.Batches, batch => batch.HasDroppedTopics);
        Assert.Equal("b", Assert.Single(batch.Topics).Notification.Text());
        Assert.Equal((Edge.Topics[2].Number - 1, 0), (batch.DroppedTopics!.Last, batch.DroppedTopics.Others));
        Assert.Equal([new("notifications", "news.today", 2), new("notifications", "news.tomorrow", 1)], batch.DroppedTopics.Keys);
    }

    [Fact]
    public async Task Topics_DroppedForAnEdgeWithManyKeys_AreToldByAThousandKeysAndTheRestToAll()
    {
        var (options, goOn) = await HoldUpAsync();
        Publish("b");
        for (var i = 0; i < 600; i++)
            Publish("c", $"news.{i}");
        options.MaxTopicBacklogBytes = 1 << 20;
        Publish("d");
        options.MaxTopicBacklogBytes = 0;
        for (var i = 0; i < 600; i++)
            Publish("e", $"news.{i}");
        Publish("e", "news.0");
        goOn.SetResult(PushReply.Accepted);

        await Wait.Until(() => Edge.Batches.Count(batch => batch.HasDroppedTopics) == 2, "the edge to be told");
        var dropped = Edge.Batches.Where(batch => batch.HasDroppedTopics).Select(batch => batch.DroppedTopics!).ToList();
        Assert.Equal([(600, 600L, 0L), (400, 401L, 200L)], dropped.Select(each => (each.Keys.Length, each.Keys.Sum(key => key.Count), each.Others)));
    }

    [Fact]
    public async Task Topics_ThatComeAsFastAsTheEdgeTakesThem_HoldUpNeitherQueuesNorMarks()
    {
        Silo.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value.MaxBatchesInFlight = 1;
        await Edge.ChangeInterestAsync([new TopicInterest("notifications", "news.#")], []);
        var goOn = new TaskCompletionSource();
        var isOver = false;
        Edge.OnPush = async batch =>
        {
            await goOn.Task;
            // As many as a batch has: so some always wait.
            for (var i = 0; i < 8 && !isOver; i++)
                Publish($"{i}");
            return PushReply.Accepted;
        };
        for (var i = 0; i < 32; i++)
            Publish($"{i}");
        Silo.Services.GetRequiredService<TopicFanout>().Mark(new LogPosition("partition-0", 1, 9));
        Silo.Services.GetRequiredService<IEdgeLinks>()
            .Find(Edge.Name)!
            .Push(0, new QueuePush(1, "alice", QueuePushKind.Begun, new Place(1, 0), Redelivered: false, Notification: null));
        goOn.SetResult();

        await Wait.Until(() => Edge.Queues.Count == 1, "what a queue has");
        await Wait.Until(() => Edge.Marks.Count == 1, "the mark");
        Volatile.Write(ref isOver, true);
    }

    [Fact]
    public async Task Topics_ThatALostLinkHasNotBroughtAndThatCameMeanwhile_ComeOverTheNextOne()
    {
        await Edge.ChangeInterestAsync([News], []);
        Publish("had");
        await Wait.Until(() => Edge.Topics.Count == 1, "the first one");
        var had = Edge.Topics[0].Number;
        Edge.OnPush = _ => Task.FromResult(PushReply.UnknownLink);
        Publish("on its way");
        await Wait.Until(async () => !(await Edge.BeatOnceAsync()).Known, "the silo to forget the link");
        Publish("meanwhile");
        Publish("of no interest", "sports.today");

        Edge.OnPush = null;
        await Edge.OpenAsync(had, News);
        Publish("after");

        await Wait.Until(() => Edge.Topics.Count == 3, "what it has not had");
        Assert.Equal([("on its way", false), ("meanwhile", false), ("after", false)], Edge.Topics.Select(push => (push.Notification.Text(), push.Redelivered)));
        Assert.False(Edge.HasDroppedTopics);
    }

    [Fact]
    public async Task Topics_ThatAnEdgeHasTakenAndWhoseAnswerIsLost_DoNotComeOverTheNextLink()
    {
        await Edge.ChangeInterestAsync([News], []);
        var taken = new TaskCompletionSource<long>();
        Edge.OnPush = batch =>
        {
            taken.TrySetResult(batch.Topics[^1].Number);
            throw new InvalidOperationException("lost");
        };
        Publish("had");
        var had = await taken.Task.WaitAsync(Wait.DefaultTimeout);

        Edge.OnPush = null;
        await Edge.OpenAsync(had, News);
        Publish("after");

        await Wait.Until(() => Edge.Topics.Count > 0, "the next one");
        Assert.Equal("after", Edge.Topics[0].Notification.Text());
    }

    [Fact]
    public async Task Topics_OfWhichTheSiloHasOnlyTheKeys_AreToldOverTheNextLink()
    {
        Silo.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value.MaxTopicLogBytes = 100;
        await Edge.ChangeInterestAsync([News], []);
        await Edge.CloseAsync();
        Publish("of no interest", "sports.today");
        Publish(new string('a', 90));
        Publish(new string('b', 90), "news.tomorrow");
        Publish("c");

        await Edge.OpenAsync(had: 0, News);

        await Wait.Until(() => Edge.Topics.Count == 1 && Dropped().Sum(each => each.Keys.Length) == 2, "what there was room for, and to be told of the rest");
        Assert.Equal("c", Edge.Topics[0].Notification.Text());
        Assert.Equal([new("notifications", "news.today", 1), new("notifications", "news.tomorrow", 1)], Dropped().SelectMany(each => each.Keys));
        Assert.Equal((Edge.Topics[0].Number - 1, 0), (Dropped()[^1].Last, Dropped().Sum(each => each.Others)));

        // In one batch, or in two when the lane sends between one and the other.
        List<DroppedTopics> Dropped() => [.. Edge.Batches.Where(batch => batch.HasDroppedTopics).Select(batch => batch.DroppedTopics!)];
    }

    [Fact]
    public async Task Topics_ThatAreForgottenWhenTheNextLinkOpens_AreToldAsOne()
    {
        Silo.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value.MaxTopicLogBytes = 0;
        await Edge.ChangeInterestAsync([News], []);
        await Edge.CloseAsync();
        Publish("a");
        Publish("b");

        await Edge.OpenAsync(had: 0, News);

        await Wait.Until(() => Edge.HasDroppedTopics, "the edge to be told");
        var dropped = Edge.Batches[0].DroppedTopics!;
        Assert.Equal((2, 1), (dropped.Last, dropped.Others));
        Assert.Empty(dropped.Keys);
    }

    [Fact]
    public async Task Link_OpenedAnewWhenNothingWasMissed_TellsOfNothing()
    {
        var options = Silo.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value;
        options.MaxTopicLogBytes = 0;
        await Edge.ChangeInterestAsync([News], []);
        // The edge has never had these, and the log has forgotten them: they were not for it.
        Publish("of no interest", "sports.today");
        Publish("of no interest", "sports.today");

        await Edge.OpenAsync(had: 0, News);
        Publish("after");

        await Wait.Until(() => Edge.Topics.Count == 1, "the next one");
        Assert.False(Edge.HasDroppedTopics);
    }

    [Fact]
    public async Task Topic_RightAfterTheStart_IsKeptForEdgesThatLinkAgain()
    {
        Silo.Services.GetRequiredService<TopicFanout>().Publish("partition-0", false, Notification("news.today", "early"));

        await using var late = await ScriptedEdge.StartAsync(Silo, new TopicInterest("notifications", "news.#"));

        await Wait.Until(() => late.Topics.Count == 1, "the early topic message");
    }

    /// <summary>The edge has a message, and does not answer; one more may wait for it, and the rest is dropped.</summary>
    private async Task<(DeliveryOptions Options, TaskCompletionSource<PushReply> GoOn)> HoldUpAsync()
    {
        var options = Silo.Services.GetRequiredService<IOptions<DeliveryOptions>>().Value;
        (options.MaxTopicBacklogBytes, options.MaxBatchesInFlight) = (0, 1);
        await Edge.ChangeInterestAsync([new TopicInterest("notifications", "news.#")], []);
        var (taken, goOn) = (new TaskCompletionSource(), new TaskCompletionSource<PushReply>());
        Edge.OnPush = _ =>
        {
            taken.TrySetResult();
            return goOn.Task;
        };
        Publish("a");
        await taken.Task.WaitAsync(Wait.DefaultTimeout);
        return (options, goOn);
    }

    private void Publish(string body, string key = "news.today") =>
        Silo.Services.GetRequiredService<TopicFanout>().Publish("partition-0", false, Notification(key, body));
}
