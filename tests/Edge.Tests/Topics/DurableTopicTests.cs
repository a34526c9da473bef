using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>Durable topic subscriptions: how the edge reads logs, goes on live, and says how far it has come.</summary>
public sealed class DurableTopicTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private const string Log = "partition-0";

    private static long _lastSubscription;

    private readonly long _subscription = Interlocked.Increment(ref _lastSubscription);
    private readonly string _key = $"topic.{Guid.NewGuid():n}";
    private readonly string _user = $"u{Guid.NewGuid():n}"[..9];

    private ScriptedSilo Silo => fixture.Silo;

    private DurableQuery[] Queries => [.. Silo.DurableQueries.Where(query => query.Interest.Pattern == _key)];

    [Fact]
    public async Task Subscribe_ReadsTheLogThenGoesOnLiveWithoutRepeats()
    {
        Open(settled: 5, offered: 6);
        Silo.ReadDurable = query => query.After.Single().Number == 5 ? Page(epoch: 2, upTo: 7, isEnd: false, 6, 7) : Page(epoch: 2, upTo: 8, isEnd: true, 8);
        await using var client = await SubscribeAsync();
        // What is stored after the last page was read.
        await Wait.Until(() => Queries.Length == 2, "the log to be read");
        await PushAsync(epoch: 2, 8, 9);

        Assert.Equal([("6", "true"), ("7", "false"), ("8", "false"), ("9", "false")], await ReadAsync(client, 4));
        Assert.Equal([5, 7], Queries.Select(query => query.After.Single().Number));
    }

    [Fact]
    public async Task Subscribe_TooManyOfTheUser_IsRefused()
    {
        Silo.TakeUpDurable = _ => null;
        Silo.RefusesDurable = topic => topic.User == _user;
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, _user);

        await client.SendAsync($"SUBSCRIBE\nid:d\ndestination:/exchange/notifications/{_key}\ndurable:true\nauto-delete:false\n\n\0");

        Assert.Equal("There are too many durable subscriptions of this user\n", (await client.ErrorAsync("Limit exceeded")).Body);
        await client.ClosedAsync(1008);
    }

    [Fact]
    public async Task Push_OfANewWriter_ReadsWhatTheFormerOneHasLeft()
    {
        Open(settled: 9);
        Silo.ReadDurable = query => query.After.Single().Number == 9 ? Page(epoch: 2, upTo: 9, isEnd: true) : Page(epoch: 3, upTo: 12, isEnd: true, 11, 12);
        await using var client = await SubscribeAsync();
        await PushAsync(epoch: 2, 10);
        await ReadAsync(client, 1);

        await PushAsync(epoch: 3, 12);
        Assert.Equal(["11", "12"], (await ReadAsync(client, 2)).Select(message => message.Body));
        // The former one's, late.
        await PushAsync(epoch: 2, 11);
        await PushAsync(epoch: 3, 13);
        Assert.Equal([("13", "false")], await ReadAsync(client, 1));
        Assert.Equal([9, 10], Queries.Select(query => query.After.Single().Number));
    }

    [Fact]
    public async Task Prefetch_WhatDoesNotFitIsReadWhenThereIsRoom()
    {
        Open(settled: 0);
        Silo.ReadDurable = query =>
            query.After.Single().Number switch
            {
                0 => Page(epoch: 1, upTo: 3, isEnd: true, 1, 2, 3),
                var after => Page(epoch: 1, upTo: 5, isEnd: true, [.. new long[] { 4, 5 }.Where(number => number > after)]),
            };
        await using var client = await SubscribeAsync("ack:client-individual\nprefetch-count:2");
        var first = await client.FrameAsync("MESSAGE");
        var second = await client.FrameAsync("MESSAGE");
        await PushAsync(epoch: 1, 4, 5);
        await client.AskAsync("BEGIN\ntransaction:nothing-more");

        await AckAsync(client, first);
        await AckAsync(client, second);
        var third = await client.FrameAsync("MESSAGE");
        var fourth = await client.FrameAsync("MESSAGE");
        await AckAsync(client, third);
        await AckAsync(client, fourth);
        Assert.Equal(["3", "4", "5"], [third.Body, fourth.Body, (await client.FrameAsync("MESSAGE")).Body]);
    }

    [Fact]
    public async Task Acks_CursorFollowsThePrefixAndPassesWhatIsNotForIt()
    {
        Open(settled: 0);
        Silo.ReadDurable = _ => Page(epoch: 1, upTo: 20, isEnd: true, 3, 7, 12);
        await using var client = await SubscribeAsync("ack:client-individual");
        var messages = new[] { await client.FrameAsync("MESSAGE"), await client.FrameAsync("MESSAGE"), await client.FrameAsync("MESSAGE") };

        await AckAsync(client, messages[1]);
        await SavedAsync(mark => mark is { Settled: 0 or 2, Offered: 20 });
        await AckAsync(client, messages[0]);
        await SavedAsync(mark => mark is { Settled: 11, Offered: 20 });
        await AckAsync(client, messages[2]);
        await SavedAsync(mark => mark is { Settled: 20, Offered: 20 });
        // The partition says that it has come to 30, and that there was nothing for it.
        await AcceptedAsync(Silo.PushAsync([new LogPosition(Log, 1, 30)], hasDroppedTopics: false));
        await client.CloseAsync(1000);
        await SavedAsync(mark => mark is { Settled: 30, Offered: 30 });
        Assert.Contains(Silo.SavedDurable, progress => progress.Subscription == _subscription && progress.IsEnd);
    }

    [Fact]
    public async Task End_SaysAllMarks_AlsoThoseThatWereSaidBefore()
    {
        Open(settled: 0);
        Silo.ReadDurable = _ => Page(epoch: 1, upTo: 20, isEnd: true, 3);
        await using var client = await SubscribeAsync("ack:client-individual");
        await AckAsync(client, await client.FrameAsync("MESSAGE"));
        await SavedAsync(mark => mark is { Settled: 20, Offered: 20 });

        await client.CloseAsync(1000);

        await Wait.Until(() => Silo.SavedDurable.Any(progress => progress.Subscription == _subscription && progress.IsEnd), "the end to be saved");
        var end = Silo.SavedDurable.Single(progress => progress.Subscription == _subscription && progress.IsEnd);
        Assert.Equal([new LogMark(Log, 20, 20)], end.Marks);
    }

    [Fact]
    public async Task Dropped_IsToldOnTheNextMessage_AndTheCursorStaysBeforeItUntilThatIsSettled()
    {
        Open(settled: 2);
        Silo.ReadDurable = query => Page(epoch: 1, upTo: 9, isEnd: true) with { Dropped = query.After.Single().Number == 2 ? 3 : 0 };
        await using (var client = await SubscribeAsync("ack:client"))
        {
            await Wait.Until(() => Queries.Length > 0, "the log to be read");
            await client.CloseAsync(1000);
        }
        await Wait.Until(() => Silo.SavedDurable.Any(progress => progress.Subscription == _subscription && progress.IsEnd), "the end to be saved");
        Assert.DoesNotContain(MarksOf(), mark => mark.Settled > 2);

        await using var next = await SubscribeAsync("ack:client");
        await PushAsync(epoch: 1, 10, 11);
        var told = await next.FrameAsync("MESSAGE");
        Assert.Equal(("10", "3"), (told.Body, told["x-dropped"]));
        Assert.Null((await next.FrameAsync("MESSAGE"))["x-dropped"]);
        await AckAsync(next, told);
        await SavedAsync(mark => mark.Settled == 10);
    }

    [Fact]
    public async Task LaneHasDroppedTopics_TheLogIsReadAgain()
    {
        Open(settled: 0);
        Silo.ReadDurable = query => query.After.Single().Number == 0 ? Page(epoch: 1, upTo: 0, isEnd: true) : Page(epoch: 1, upTo: 3, isEnd: true, 2, 3);
        await using var client = await SubscribeAsync();
        await PushAsync(epoch: 1, 1);
        await ReadAsync(client, 1);
        await AcceptedAsync(Silo.PushAsync([], hasDroppedTopics: true));
        Assert.Equal(["2", "3"], (await ReadAsync(client, 2)).Select(message => message.Body));
    }

    [Fact]
    public async Task LaneHasDroppedTopics_AndSaysHowFarTheLogHasCome_TheLogIsReadFromWhereTheFeedIs()
    {
        Open(settled: 0);
        Silo.ReadDurable = query =>
            query.After.Single().Number == 0
                ? Page(epoch: 1, upTo: 0, isEnd: true)
                : Page(epoch: 1, upTo: 3, isEnd: true, [.. new long[] { 2, 3 }.Where(number => number > query.After.Single().Number)]);
        await using var client = await SubscribeAsync();
        await PushAsync(epoch: 1, 1);
        await ReadAsync(client, 1);
        await AcceptedAsync(Silo.PushAsync([new LogPosition(Log, 1, 3)], hasDroppedTopics: true));
        await PushAsync(epoch: 1, 4);
        Assert.Equal(["2", "3", "4"], (await ReadAsync(client, 3)).Select(message => message.Body));
    }

    [Fact]
    public async Task Subscription_NotThereYet_IsBegun_AndUnsubscribeWithItsHeadersEndsIt()
    {
        Silo.TakeUpDurable = topic => Silo.BegunDurable.Contains(topic) ? new DurableOpening(_subscription, []) : null;
        Silo.ReadDurable = query => new DurablePage([], 0, query.After, IsEnd: true);
        await using var client = await SubscribeAsync();
        Assert.Contains(new DurableTopic(_user, "d", new TopicInterest("notifications", _key)), Silo.BegunDurable);

        await client.AskAsync("UNSUBSCRIBE\nid:d");
        Assert.DoesNotContain(_subscription, Silo.EndedDurable);
        await client.SubscribeAsync($"/exchange/notifications/{_key}", "d", "durable:true\nauto-delete:false");
        await client.AskAsync("UNSUBSCRIBE\nid:d\ndurable:true\nauto-delete:false");
        Assert.Contains(_subscription, Silo.EndedDurable);
    }

    [Fact]
    public async Task Subscription_EndedElsewhere_IsTold()
    {
        Open(settled: 0);
        Silo.ReadDurable = _ => Page(epoch: 1, upTo: 0, isEnd: true);
        await using var client = await SubscribeAsync();
        await PushAsync(epoch: 1, 1);
        await ReadAsync(client, 1);
        Silo.EndedDurable.Enqueue(_subscription);
        await PushAsync(epoch: 1, 2);
        await ReadAsync(client, 1);
        var error = await client.ErrorAsync("Server cancelled subscription");
        Assert.Equal("d", error.Frame["subscription"]);
        await client.AskAsync("BEGIN\ntransaction:the-session-goes-on");
    }

    private void Open(long settled, long offered = 0) =>
        Silo.TakeUpDurable = topic => topic.User == _user ? new DurableOpening(_subscription, [new LogMark(Log, settled, offered)]) : null;

    private DurablePage Page(long epoch, long upTo, bool isEnd, params long[] numbers) =>
        new([.. numbers.Select(number => new DurableEntry(Log, number, Redelivered: false, Message(number)))], 0, [new LogPosition(Log, epoch, upTo)], isEnd);

    private async Task<WireClient> SubscribeAsync(string more = "ack:auto")
    {
        // So that its receipt is the first that comes.
        var subscribed = new TaskCompletionSource();
        Silo.ReadingDurable = subscribed.Task;
        var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, _user);
        await client.SubscribeAsync($"/exchange/notifications/{_key}", "d", $"durable:true\nauto-delete:false\n{more}");
        subscribed.SetResult();
        return client;
    }

    private async Task PushAsync(long epoch, params long[] numbers) =>
        await AcceptedAsync(Silo.PushAsync([], false, [.. numbers.Select(number => (Message(number), (LogPosition?)new LogPosition(Log, epoch, number)))]));

    private static async Task AcceptedAsync(Task<PushReply> push) => Assert.Equal(PushReply.Accepted, await push);

    private static Task AckAsync(WireClient client, WireFrame message) => client.SendAsync($"ACK\nid:{message["ack"]}\n\n\0");

    private LogMark[] MarksOf() => [.. Silo.SavedDurable.Where(progress => progress.Subscription == _subscription).SelectMany(progress => progress.Marks)];

    private Task SavedAsync(Func<LogMark, bool> isIt) =>
        Wait.Until(() => MarksOf().Any(isIt), () => $"the cursor to be saved; there are {string.Join(", ", MarksOf())}");

    private static async Task<List<(string Body, string? Redelivered)>> ReadAsync(WireClient client, int count)
    {
        List<(string, string?)> read = [];
        while (read.Count < count)
        {
            var message = await client.FrameAsync("MESSAGE");
            read.Add((message.Body, message["redelivered"]));
        }
        return read;
    }

    private Notification Message(long number) => Messages.Notification(_key, $"{number}");
}
