using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Tests.Hosting;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Testing;
using static NotifyOrleans.Grains.Tests.Hosting.Messages;

namespace NotifyOrleans.Grains.Tests.Topics;

/// <summary>Topic logs, their one writer, and what a subscription that comes back reads.</summary>
public sealed class DurableTopicTests : SiloWithEdge
{
    private static readonly TopicInterest News = new("notifications", "news.#");

    private static readonly DurableTopic Alice = new("alice", "phone", News);

    private TestPartition? _partition;

    private TestPartition Partition => _partition ??= new TestPartition(Silo);

    private ITopicLogStore Store => Silo.Services.GetRequiredService<ITopicLogStore>();

    private IDurableTopicsGrain Topics => Silo.Grains.GetGrain<IDurableTopicsGrain>(0);

    private ITopicRegistryGrain Registry => Silo.Grains.GetGrain<ITopicRegistryGrain>(0);

    private TopicLogOptions Options => Silo.Services.GetRequiredService<IOptions<TopicLogOptions>>().Value;

    [Fact]
    public async Task Message_ForManySubscriptions_IsOneRowAndCostsThemNothing()
    {
        const int Subscriptions = 10_000;
        await Task.WhenAll(Enumerable.Range(0, Subscriptions).Select(number => Registry.BeginAsync(Alice with { User = $"u{number}" })));
        var begun = await Store.ReadLowestAsync(default);
        await Edge.ChangeInterestAsync([News], []);

        await Partition.PublishAsync([.. Enumerable.Range(1, 100).Select(number => Notification("news.today", $"{number}", persistent: number % 2 == 0))]);
        await Partition.PublishAsync(Notification("other", "for nobody"));
        await Wait.Until(() => Partition.Settled.Count == 101, "all to be settled");

        var log = Assert.Single(await Store.ReadLogsAsync(default));
        Assert.Equal(100, log.Last);
        Assert.Equal(Subscriptions, begun.Subscriptions);
        await Wait.Until(() => Edge.Topics.Count == 100, "the live messages");
        Assert.Equal(
            Enumerable.Range(1, 100).Select(number => new LogPosition("partition-0", log.Epoch, number)),
            Edge.Topics.Select(push => push.Stored!.Value)
        );
        Assert.Equal(Enumerable.Range(1, 100).Select(number => $"{number}"), await ReadAllAsync(Alice with { User = "u77" }));
    }

    [Fact]
    public async Task Message_RightAfterARestart_IsStoredForThoseWhoSubscribedBefore()
    {
        await Registry.BeginAsync(Alice);
        await Partition.PublishAsync(Notification("news.today", "1"));
        await Wait.Until(() => Partition.Settled.Count == 1, "the message to be settled");
        await RestartAsync();
        _partition = null;
        await Partition.PublishAsync(Notification("news.today", "2"));
        await Wait.Until(() => Partition.Settled.Count == 1, "the message to be settled");

        Assert.Equal(["1", "2"], await ReadAllAsync(Alice));
        Assert.Equal((2, 2), ((await Store.ReadLogsAsync(default))[0].Epoch, (await Store.ReadLogsAsync(default))[0].Last));
    }

    [Fact]
    public async Task Writer_WhoWasReplaced_HandsNothingOnAndHasTheBrokerDeliverAgain()
    {
        await Registry.BeginAsync(Alice);
        await Edge.ChangeInterestAsync([News], []);
        await Partition.PublishAsync(Notification("news.today", "1"));
        await Wait.Until(() => Partition.Settled.Count == 1, "the message to be settled");
        await Store.OpenAsync("partition-0", default);

        await Partition.PublishAsync(Notification("news.today", "2"));
        await Wait.Until(() => Partition.Redelivered.Contains(1), "the channel to be closed");
        // On its way when the channel was closed; the broker delivers both again.
        await Partition.PublishAsync(Notification("news.today", "3"));
        await Partition.BeginAsync(wasElsewhere: false);
        await Partition.PublishAsync(Notification("news.today", "2"), Notification("news.today", "3"));
        await Wait.Until(() => Partition.Settled.Count == 3, "the messages to be settled");

        Assert.Equal(["1", "2", "3"], await ReadAllAsync(Alice));
        await Wait.Until(() => Edge.Topics.Count == 3, "the live messages");
        Assert.Equal([(1L, 1L), (3, 2), (3, 3)], Edge.Topics.Select(push => (push.Stored!.Value.Epoch, push.Stored.Value.Number)));
    }

    [Fact]
    public async Task Writer_WhoWasReplacedWhileItWrote_GivesBackWhatItsChannelBrought_AndKeepsWhatTheNextOneHas()
    {
        var logs = new InterruptedTopicLogs(Store);
        _partition = new TestPartition(Silo, logs: logs);
        await Registry.BeginAsync(Alice);
        await Partition.PublishAsync(Notification("news.today", "1"));
        await Wait.Until(() => Partition.Settled.Count == 1, "the message to be settled");
        logs.RefusesAppends = true;
        await Partition.PublishAsync(Notification("news.today", "2"));
        await Wait.Until(() => logs.Refused > 0, "it to be tried");
        await Partition.BeginAsync(wasElsewhere: false);
        await Partition.PublishAsync(Notification("news.today", "2"), Notification("news.today", "3"));

        await Store.OpenAsync("partition-0", default);
        logs.RefusesAppends = false;
        await Wait.Until(() => Partition.Settled.Count == 3, "the messages to be settled");

        Assert.Equal(["1", "2", "3"], await ReadAllAsync(Alice));
        Assert.Equal([(1L, 1UL), (2L, 3UL), (2L, 4UL)], Partition.Settled.ToArray());
    }

    [Fact]
    public async Task Writer_WhosePartitionWasElsewhere_OpensTheLogAnew()
    {
        await Registry.BeginAsync(Alice);
        await Partition.PublishAsync(Notification("news.today", "1"));
        await Wait.Until(() => Partition.Settled.Count == 1, "the message to be settled");
        await Store.OpenAsync("partition-0", default);

        await Partition.BeginAsync(wasElsewhere: true);
        await Partition.PublishAsync(Notification("news.today", "2"));
        await Wait.Until(() => Partition.Settled.Count == 2, "the message to be settled");

        Assert.Empty(Partition.Redelivered);
        Assert.Equal(["1", "2"], await ReadAllAsync(Alice));
    }

    [Fact]
    public async Task Subscription_BeginsBehindWhatWasBefore_AndEndsForGood()
    {
        await Registry.BeginAsync(Alice with { User = "bob" });
        await PublishAsync("before");
        await Registry.BeginAsync(Alice);
        await PublishAsync("1", "2");
        Assert.Equal(["1", "2"], await ReadAllAsync(Alice));
        Assert.Equal(["before", "1", "2"], await ReadAllAsync(Alice with { User = "bob" }));

        var opening = await Topics.TakeUpAsync(Alice, "s");
        await Registry.EndAsync(opening!.Subscription);
        Assert.Null(await Topics.TakeUpAsync(Alice, "s"));
        Assert.Equal([opening.Subscription], await Topics.SaveAsync([new DurableProgress(opening.Subscription, "s", [], IsEnd: false)]));
        await Registry.BeginAsync(Alice);
        Assert.Empty(await ReadAllAsync(Alice));
    }

    [Fact]
    public async Task Sweep_AllCursorsHavePassed_NothingIsKept()
    {
        await Registry.BeginAsync(Alice);
        await Registry.BeginAsync(Alice with { User = "bob" });
        await PublishAsync("1", "2", "3");
        await SaveAsync(Alice, settled: 3);
        await SaveAsync(Alice with { User = "bob" }, settled: 2);
        await SweepAsync();
        Assert.Equal([3], (await Store.ReadAsync("partition-0", 0, 10, int.MaxValue, default)).Select(message => message.Number));
        Assert.Equal(["3"], await ReadAllAsync(Alice with { User = "bob" }));
    }

    [Fact]
    public async Task Sweep_LimitsTakeTheOldest_AndEachIsToldWhatItHasMissed()
    {
        await Registry.BeginAsync(Alice);
        await Registry.BeginAsync(Alice with { Interest = new TopicInterest("notifications", "rare") });
        await PublishAsync("1", "2");
        await Partition.PublishAsync(Notification("rare", "r"));
        await PublishAsync("3", "4", "5");
        await Wait.Until(() => Partition.Settled.Count == 6, "all to be settled");
        await SaveAsync(Alice, settled: 1);
        Options.MaxMessagesPerLog = 3;
        await SweepAsync();

        var page = await ReadAsync(Alice);
        // Of the three that were cut one had been delivered, and one was not for it.
        Assert.Equal(1, page.Dropped);
        Assert.Equal(["3", "4", "5"], page.Entries.Select(entry => entry.Notification.Text()));
        var rare = await ReadAsync(Alice with { Interest = new TopicInterest("notifications", "rare") });
        Assert.Equal((1, 0), (rare.Dropped, rare.Entries.Length));

        // Where not even keys are left, a loss is told all the same.
        Options.MaxMessagesPerLog = 1;
        await SweepAsync();
        Assert.True((await ReadAsync(Alice)).Dropped > 0);
        Assert.Equal(["5"], (await ReadAsync(Alice)).Entries.Select(entry => entry.Notification.Text()));
    }

    [Fact]
    public async Task Subscription_ThatASiloWasNotToldOf_IsKnownBeforeItsFirstMessageOfAChannel()
    {
        using var joining = ActivatorUtilities.CreateInstance<DurablePatterns>(Silo.Services);
        await joining.StartAsync(default);
        await joining.WhenCurrentAsync(since: 0);
        await Registry.BeginAsync(Alice);

        await joining.WhenCurrentAsync(TimeProvider.System.GetTimestamp());

        Assert.True(joining.Match("notifications", "news.today"));
        await joining.StopAsync(default);
    }

    [Fact]
    public async Task Sweep_LargeMessages_ReadsPageByPage()
    {
        await Registry.BeginAsync(Alice);
        await PublishAsync([.. Enumerable.Range(0, 12).Select(_ => new string('x', 300 * 1024))]);
        var log = Assert.Single(await Store.ReadLogsAsync(default));
        Options.MaxBytesPerLog = log.Total / 4;
        var logs = new InterruptedTopicLogs(Store);

        await SweepAsync(logs);

        Assert.All(logs.PageSizes, size => Assert.InRange(size, 1, (1 << 20) + 301 * 1024));
        Assert.Equal([10, 11, 12], (await Store.ReadAsync("partition-0", 9, 10, int.MaxValue, default)).Select(message => message.Number));
        Assert.Equal(9, Assert.Single(await Store.ReadLogsAsync(default)).CutUpTo);
    }

    [Fact]
    public async Task Sweep_ALogThatCannotBeRead_HoldsUpNoOther()
    {
        var other = new TestPartition(Silo, "partition-1");
        await Registry.BeginAsync(Alice);
        await PublishAsync("1", "2");
        await other.PublishAsync(Notification("news.today", "3"), Notification("news.today", "4"));
        await Wait.Until(() => other.Settled.Count == 2, "the messages to be settled");
        Options.MaxMessagesPerLog = 1;

        await SweepAsync(new InterruptedTopicLogs(Store) { Unreadable = "partition-0" });

        Assert.Equal(
            [("partition-0", 0), ("partition-1", 1)],
            (await Store.ReadLogsAsync(default)).OrderBy(log => log.Log).Select(log => (log.Log, log.CutUpTo))
        );
    }

    [Fact]
    public async Task Read_TimesHaveEnded_GivesWhatIsYoungerAndCounts()
    {
        await Registry.BeginAsync(Alice);
        await PublishAsync("1", "2");
        await Partition.PublishAsync(Notification("news.today", "of a short life", expiresAt: DateTimeOffset.UtcNow.AddMilliseconds(1)));
        await Wait.Until(() => Partition.Settled.Count == 3, "all to be settled");
        Options.TimeToLive = TimeSpan.FromMilliseconds(-1000);

        var page = await ReadAsync(Alice);

        Assert.Empty(page.Entries);
        Assert.Equal(3, page.Dropped);
        Options.TimeToLive = TimeSpan.FromDays(1);
        Assert.Equal(["1", "2"], await ReadAllAsync(Alice));
    }

    [Fact]
    public async Task Read_SeveralPartitions_InOrderOfTimeAndPageByPage()
    {
        var other = new TestPartition(Silo, "partition-1");
        await Registry.BeginAsync(Alice);
        for (var number = 0; number < 300; number++)
            await (number % 2 == 0 ? Partition : other).PublishAsync(Notification($"news.{number % 2}", $"{number}"));
        await Wait.Until(() => Partition.Settled.Count + other.Settled.Count == 300, "all to be settled");

        var all = (await ReadAllAsync(Alice)).Select(int.Parse).ToList();

        Assert.Equal(Enumerable.Range(0, 300), all.Order());
        Assert.All((int[])[0, 1], key => Assert.Equal(all.Where(number => number % 2 == key).Order(), all.Where(number => number % 2 == key)));
    }

    [Fact]
    public async Task TakeUp_BesideAnotherSession_SaysThatEverythingMayHaveBeenOffered()
    {
        await Registry.BeginAsync(Alice);
        await PublishAsync("1", "2");
        Assert.Equal(0, Assert.Single((await Topics.TakeUpAsync(Alice, "killed"))!.Marks).Offered);
        await PublishAsync("3");
        Assert.Equal(new LogMark("partition-0", 0, 3), Assert.Single((await Topics.TakeUpAsync(Alice, "next"))!.Marks));
    }

    private async Task PublishAsync(params string[] bodies)
    {
        var before = Partition.Settled.Count;
        await Partition.PublishAsync([.. bodies.Select(body => Notification("news.today", body))]);
        await Wait.Until(() => Partition.Settled.Count >= before + bodies.Length, "the messages to be settled");
    }

    private async Task SaveAsync(DurableTopic topic, long settled)
    {
        var opening = (await Topics.TakeUpAsync(topic, "s"))!;
        await Topics.SaveAsync([new DurableProgress(opening.Subscription, "s", [new LogMark("partition-0", settled, settled)], IsEnd: true)]);
    }

    private Task SweepAsync() => Silo.Services.GetRequiredService<TopicLogSweep>().SweepAsync(default);

    private Task SweepAsync(InterruptedTopicLogs logs) => ActivatorUtilities.CreateInstance<TopicLogSweep>(Silo.Services, logs).SweepAsync(default);

    private async Task<DurablePage> ReadAsync(DurableTopic topic, LogPosition[]? after = null)
    {
        after ??= [.. (await Topics.TakeUpAsync(topic, "reader"))!.Marks.Select(mark => new LogPosition(mark.Log, 0, mark.Settled))];
        return await Topics.ReadAsync(new DurableQuery(topic.Interest, after));
    }

    private async Task<List<string>> ReadAllAsync(DurableTopic topic)
    {
        var page = await ReadAsync(topic);
        var all = page.Entries.ToList();
        while (!page.IsEnd)
        {
            page = await ReadAsync(topic, page.Positions);
            all.AddRange(page.Entries);
        }
        Assert.Equal(0, page.Dropped);
        return [.. all.Select(entry => entry.Notification.Text())];
    }
}
