using System.Text;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Silo.Tests.Outbox;
using NotifyOrleans.Silo.Topics;

namespace NotifyOrleans.Silo.Tests.Topics;

/// <summary>What every engine of topic logs does.</summary>
public abstract class TopicLogStoreContract(StoreEngine engine) : StoreContract(engine)
{
    private const string Log = "partition-1";

    /// <summary>More subscriptions than any user here has.</summary>
    private const int Many = 1000;

    private static readonly TopicInterest News = new("notifications", "news.#");

    private static readonly DurableTopic Alice = new("alice", "phone", News);

    /// <summary>Names that could be mistaken for each other, or for a part of a key.</summary>
    private static readonly string[] Names =
    [
        "",
        "a",
        "aa",
        "a\0",
        "\0",
        "#",
        "*",
        "ä",
        "👍🏽",
        "a.b",
        new string('x', 127),
        new string('x', 128),
        new string('é', 40_000),
    ];

    private ITopicLogStore? _store;

    private ITopicLogStore Store => _store ??= TopicsExtensions.CreateStore(Engine.Open());

    [Fact]
    public async Task Read_GivesWhatWasAppendedInOrderAndWithinLimits()
    {
        var epoch = (await Store.OpenAsync(Log, default)).Epoch;
        var other = (await Store.OpenAsync("partition-10", default)).Epoch;
        var whole = new Notification
        {
            Exchange = "notifications",
            RoutingKey = "news.ä\0",
            Headers = [new("content-type", "text/plain"), new("x", "y")],
            Body = [0, 1, 0xFF],
            Persistent = true,
            MessageId = "m-1",
            ExpiresAt = 42,
        };
        await Store.AppendAsync(Log, epoch, [new StoredTopic(1, 100, Attempted: true, StoredAt: 7, IsCut: false, whole)]);
        await Store.AppendAsync(Log, epoch, Messages(2, 5));
        await Store.AppendAsync("partition-10", other, Messages(1, 1));
        await ReopenAsync();

        var all = await ReadAsync(0);

        Assert.Equal([1, 2, 3, 4, 5], all.Select(message => message.Number));
        Assert.Equivalent(
            new
            {
                Total = 100L,
                Attempted = true,
                StoredAt = 7L,
                IsCut = false,
                Notification = whole,
            },
            all[0]
        );
        Assert.Equal([4, 5], (await ReadAsync(3)).Select(message => message.Number));
        Assert.Equal([2, 3], (await ReadAsync(1, maxCount: 2)).Select(message => message.Number));
        Assert.Equal([1, 2], (await ReadAsync(0, maxBytes: all[0].Notification.Size + 1)).Select(message => message.Number));
        Assert.Empty(await ReadAsync(5));
        Assert.Equivalent(
            new[] { new TopicLogState(Log, 1, 5, 500, 0, 0), new TopicLogState("partition-10", 1, 1, 100, 0, 0) },
            await Store.ReadLogsAsync(default),
            strict: true
        );
    }

    [Fact]
    public async Task Append_OfAFormerWriter_ChangesNothing()
    {
        var former = await Store.OpenAsync(Log, default);
        await Store.AppendAsync(Log, former.Epoch, Messages(1, 2));
        var next = await Store.OpenAsync(Log, default);
        Assert.Equal((former.Epoch + 1, 2, 200), (next.Epoch, next.Last, next.Total));

        await Assert.ThrowsAsync<StaleLogException>(() => Store.AppendAsync(Log, former.Epoch, Messages(3, 3)));
        await Store.AppendAsync(Log, next.Epoch, Messages(3, 3, body: "of the next"));
        // Its answer was lost.
        await Store.AppendAsync(Log, next.Epoch, Messages(3, 3, body: "of the next"));

        Assert.Equal(["1", "2", "of the next"], (await ReadAsync(0)).Select(TextOf));
        Assert.Equal(3, (await Store.ReadLogsAsync(default)).Single().Last);
    }

    [Fact]
    public async Task Trim_CutsToKeysAndTakesAwayAndNeverGoesBack()
    {
        var epoch = (await Store.OpenAsync(Log, default)).Epoch;
        await Store.AppendAsync(Log, epoch, Messages(1, 10));

        await Store.TrimAsync(Log, cutUpTo: 6, goneUpTo: 3);
        await Store.TrimAsync(Log, cutUpTo: 2, goneUpTo: 1);

        Assert.Equal(
            [(4, true), (5, true), (6, true), (7, false), (8, false), (9, false), (10, false)],
            (await ReadAsync(0)).Select(message => (message.Number, message.IsCut))
        );
        Assert.All(await ReadAsync(0, maxCount: 3), message =>
            Assert.Equal(("news.today", "", 400L + 100 * (message.Number - 4)), (message.Notification.RoutingKey, TextOf(message), message.Total))
        );
        Assert.Equivalent(new TopicLogState(Log, 1, 10, 1000, CutUpTo: 6, GoneUpTo: 3), (await Store.ReadLogsAsync(default)).Single());

        await Store.TrimAsync(Log, cutUpTo: 0, goneUpTo: 99);
        Assert.Empty(await ReadAsync(0));
        Assert.Equivalent(new TopicLogState(Log, 1, 10, 1000, CutUpTo: 10, GoneUpTo: 10), (await Store.ReadLogsAsync(default)).Single());
        await Store.AppendAsync(Log, epoch, Messages(11, 11));
        Assert.Equal([11], (await ReadAsync(0)).Select(message => message.Number));
    }

    [Fact]
    public async Task Register_KnowsEachSubscriptionOnce()
    {
        DurableTopic[] topics =
        [
            Alice,
            Alice with
            {
                Interest = new("notifications", "news.*"),
            },
            Alice with
            {
                Interest = new("amq.topic", "news.#"),
            },
            Alice with
            {
                Id = "tablet",
            },
            Alice with
            {
                User = "bob",
            },
        ];
        var first = await Store.RegisterAsync([.. topics, Alice], Many);
        await ReopenAsync();
        var second = await Store.RegisterAsync(topics, Many);

        Assert.Equal(first.Take(topics.Length), second);
        Assert.Equal(first[0], first[^1]);
        Assert.Equal(topics.Length, second.Select(registration => registration.Number).Distinct().Count());
        Assert.All(second, registration => Assert.False(registration.HasBegun));
        var interests = await Store.ReadInterestsAsync(default);
        Assert.Equal(topics.Select(topic => topic.Interest).ToHashSet(), interests.Interests.ToHashSet());
        Assert.Equal(3, interests.Interests.Count);
        Assert.Equal(await Store.ReadGenerationAsync(default), interests.Generation);

        await Store.EndAsync([second[1].Number, 999]);
        Assert.True(await Store.ReadGenerationAsync(default) > interests.Generation);
        Assert.DoesNotContain(topics[1].Interest, (await Store.ReadInterestsAsync(default)).Interests);
        var again = Assert.Single(await Store.RegisterAsync([topics[1]], Many));
        Assert.DoesNotContain(again.Number, second.Select(registration => registration.Number));
    }

    [Fact]
    public async Task Register_AnyNames_AreToldApart()
    {
        var topics = Names
            .SelectMany(name => new DurableTopic[] { new(name, "i", News), new("u", name, News), new("u", "i", new("notifications", name)) })
            .Distinct()
            .ToArray();
        var registrations = await Store.RegisterAsync(topics, Many);
        Assert.Equal(topics.Length, registrations.Distinct().Count());
        Assert.Equal(registrations, await Store.RegisterAsync(topics, Many));
        Assert.Equal(topics.Select(topic => topic.Interest).ToHashSet(), (await Store.ReadInterestsAsync(default)).Interests.ToHashSet());
    }

    [Fact]
    public async Task Register_MoreThanAUserMayHave_IsRefusedUntilOneEnds()
    {
        DurableTopic[] topics = [.. Enumerable.Range(0, 5).Select(number => Alice with { Id = $"{number}" })];
        var bob = Alice with { User = "bob" };

        var registrations = await Store.RegisterAsync([.. topics, bob], maxPerUser: 3);

        Assert.Equal(3, registrations.Take(5).Count(registration => !registration.IsRefused));
        Assert.False(registrations[5].IsRefused);
        await ReopenAsync();
        // What is known stays, also when it is more than there may be by now.
        Assert.Equal(registrations, await Store.RegisterAsync([.. topics, bob], maxPerUser: 1));
        await Store.EndAsync([registrations.First(registration => !registration.IsRefused).Number]);
        var fresh = Alice with { Interest = new("notifications", "news.*") };
        Assert.True(Assert.Single(await Store.RegisterAsync([fresh], maxPerUser: 2)).IsRefused);
        Assert.False(Assert.Single(await Store.RegisterAsync([fresh], maxPerUser: 3)).IsRefused);
        Assert.True(Assert.Single(await Store.RegisterAsync([Alice], maxPerUser: 3)).IsRefused);
    }

    [Fact]
    public async Task Cursor_BeginsAtTheEndsAndOnlyRises()
    {
        var epoch = (await Store.OpenAsync(Log, default)).Epoch;
        await Store.AppendAsync(Log, epoch, Messages(1, 4));
        var number = (await Store.RegisterAsync([Alice], Many))[0].Number;
        Assert.Null(await Store.TakeUpAsync(Alice, "s1", now: 1));

        await Store.BeginAsync([number], await Store.ReadLogsAsync(default), now: 1);
        await Store.BeginAsync([number], [new TopicLogState(Log, 1, 99, 0, 0, 0)], now: 1);
        Assert.Equal([new(number, HasBegun: true)], await Store.RegisterAsync([Alice], Many));
        Assert.Equivalent(new DurableCursor(number, [new LogMark(Log, 4, 0)], WasOpen: false), await Store.TakeUpAsync(Alice, "s1", now: 2));

        await Store.SaveAsync(
            [Progress(number, "s1", new LogMark(Log, 7, 9), new LogMark("partition-2", 1, 1)), Progress(number, "s1", new LogMark(Log, 6, 10))],
            now: 3
        );
        await Store.SaveAsync([Progress(number, "s1", new LogMark(Log, 5, 5))], now: 3);
        await ReopenAsync();
        Assert.Equivalent(
            new DurableCursor(number, [new LogMark(Log, 7, 10), new LogMark("partition-2", 1, 1)], WasOpen: true),
            await Store.TakeUpAsync(Alice, "s2", now: 4),
            strict: true
        );
    }

    [Fact]
    public async Task Cursor_OfASessionThatHasEnded_IsNotOpen()
    {
        var number = await BeginAsync(Alice);
        Assert.False((await Store.TakeUpAsync(Alice, "s1", now: 1))!.WasOpen);
        await Store.SaveAsync([Progress(number, "s1") with { IsEnd = true }], now: 1);
        Assert.False((await Store.TakeUpAsync(Alice, "s2", now: 1))!.WasOpen);
        // The end of the former is told late.
        Assert.True((await Store.TakeUpAsync(Alice, "s3", now: 1))!.WasOpen);
        await Store.SaveAsync([Progress(number, "s2") with { IsEnd = true }], now: 1);
        Assert.True((await Store.TakeUpAsync(Alice, "s4", now: 1))!.WasOpen);
        // Asked again, as the answer was lost.
        Assert.True((await Store.TakeUpAsync(Alice, "s4", now: 1))!.WasOpen);
    }

    [Fact]
    public async Task Save_OfASubscriptionThatHasEnded_LeavesNothing()
    {
        var number = await BeginAsync(Alice);
        var other = await BeginAsync(Alice with { User = "bob" });
        await Store.EndAsync([number]);
        Assert.Equal([number], await Store.SaveAsync([Progress(number, "s1", new LogMark(Log, 1, 1)), Progress(other, "s1", new LogMark(Log, 1, 1))], now: 1));
        await Store.EndAsync([other]);
        Assert.Null(await Store.TakeUpAsync(Alice, "s2", now: 1));
        Assert.Equal(0, (await Store.ReadLowestAsync(default)).Subscriptions);
        Assert.Equal(17, (await Store.ReadLowestAsync(default)).Of(Log, 17));
    }

    [Fact]
    public async Task Lowest_IsThatOfTheLastOfAll()
    {
        var first = await BeginAsync(Alice);
        var second = await BeginAsync(Alice with { User = "bob" });
        await Store.SaveAsync([Progress(first, "s1", new("a", 5, 5), new("b", 3, 3)), Progress(second, "s2", new LogMark("a", 9, 9))], now: 1);

        var lowest = await Store.ReadLowestAsync(default);

        Assert.Equal((2, 5, 0, 0), (lowest.Subscriptions, lowest.Of("a", 20), lowest.Of("b", 20), lowest.Of("c", 20)));
        Assert.Equal(4, lowest.Of("a", 4));
        await Store.EndAsync([first]);
        Assert.Equal(9, (await Store.ReadLowestAsync(default)).Of("a", 20));
    }

    [Fact]
    public async Task FindAbandoned_NamesThoseThatNoSessionHadSince()
    {
        var first = await BeginAsync(Alice, now: 100);
        var second = await BeginAsync(Alice with { User = "bob" }, now: 100);
        await Store.SaveAsync([Progress(second, "s")], now: 200);

        Assert.Equal([first], await Store.FindAbandonedAsync(before: 200, 10, default));
        Assert.Equal(2, (await Store.FindAbandonedAsync(before: 201, 10, default)).Count);
        Assert.Single(await Store.FindAbandonedAsync(before: 201, 1, default));
        Assert.Empty(await Store.FindAbandonedAsync(before: 100, 10, default));
    }

    private static DurableProgress Progress(long number, string session, params LogMark[] marks) => new(number, session, marks, IsEnd: false);

    /// <summary>Messages of 100 bytes each, as far as the log counts.</summary>
    private static StoredTopic[] Messages(long from, long to, string? body = null) =>
        [
            .. Enumerable
                .Range((int)from, (int)(to - from + 1))
                .Select(number => new StoredTopic(
                    number,
                    number * 100,
                    false,
                    1000 + number,
                    false,
                    new Notification
                    {
                        Exchange = "notifications",
                        RoutingKey = "news.today",
                        Body = Encoding.UTF8.GetBytes(body ?? $"{number}"),
                    }
                )),
        ];

    private static string TextOf(StoredTopic message) => Encoding.UTF8.GetString(message.Notification.Body);

    private Task<IReadOnlyList<StoredTopic>> ReadAsync(long after, int maxCount = 100, int maxBytes = 1 << 20) =>
        Store.ReadAsync(Log, after, maxCount, maxBytes, default);

    private async Task<long> BeginAsync(DurableTopic topic, long now = 1)
    {
        var number = (await Store.RegisterAsync([topic], Many))[0].Number;
        await Store.BeginAsync([number], [], now);
        return number;
    }

    private async Task ReopenAsync()
    {
        await Engine.CloseAsync();
        _store = null;
    }
}
