using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>Topic subscriptions whose session was lost: what silos are told, and how the next one goes on.</summary>
public sealed class LostTopicTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private readonly string _key = $"topic.{Guid.NewGuid():n}";
    private readonly string _user = $"u{Guid.NewGuid():n}"[..9];

    private ScriptedSilo Silo => fixture.Silo;

    private TopicInterest Interest => new("notifications", _key);

    [Fact]
    public async Task SessionIsLost_SiloIsToldHowFarItHadComeAndWhatIsUnsettled()
    {
        await using var client = await ConnectAsync();
        await SubscribeAsync(client, "ack:client-individual");
        for (var i = 1; i <= 3; i++)
            await PushAsync($"{i}");
        var newest = Silo.LastTopic;
        await client.FrameAsync("MESSAGE");
        var second = await client.FrameAsync("MESSAGE");
        await client.FrameAsync("MESSAGE");
        await client.SendAsync($"ACK\nid:{second["ack"]}\n\n\0");
        await client.AskAsync("BEGIN\ntransaction:behind-the-ack");
        await client.CloseAsync(1001);

        var mark = Assert.Single((await LostAsync()).Marks);

        Assert.Equal(Silo.Name, mark.Silo);
        Assert.Equal(newest, mark.Lanes[0]);
        Assert.Equal([newest - 2, newest], mark.Unsettled);
    }

    [Fact]
    public async Task SessionIsLost_BeforeItHeardWhatWasDropped_TheNextOneIsTold()
    {
        await using var client = await ConnectAsync();
        await SubscribeAsync(client, "ack:client-individual\nprefetch-count:1");
        for (var i = 1; i <= 30; i++)
            await PushAsync($"{i} {new string('x', 50_000)}");
        var first = await client.FrameAsync("MESSAGE");
        await client.SendAsync($"ACK\nid:{first["ack"]}\n\n\0");
        await client.FrameAsync("MESSAGE");
        // The first is settled, 20 more may wait, and with the ACK there is room for one.
        await PushAsync("behind the gap");
        await client.CloseAsync(1001);
        var lost = await LostAsync();
        Assert.Equal(9, lost.Dropped);

        Silo.TakeLostTopic = user => user == _user ? lost : null;
        var number = lost.Marks[0].Lanes.Max() + 1000;
        Silo.ReadTopics = _ => new TopicPage([Entry(number, "read")], Dropped: 1, number, IsEnd: true);
        await using var next = await ConnectAsync();
        await SubscribeAsync(next);
        Assert.Equal([("read", "false", "10")], await ReadAsync(next, 1));
    }

    [Fact]
    public async Task SessionIsLost_BehindWhatTheSiloHasDropped_TheNextOneIsToldOfIt()
    {
        await using var client = await ConnectAsync();
        await SubscribeAsync(client);
        await PushAsync("before");
        await client.FrameAsync("MESSAGE");

        var last = Silo.SkipTopic();
        await AcceptedAsync(Silo.DropAsync(new DroppedTopics(last, [new DroppedKey("notifications", _key, 4)], Others: 0)));
        client.Abort();

        var lost = await LostAsync();
        Assert.Equal(4, lost.Dropped);
        // Those are told, and not read.
        Assert.Equal(last, Assert.Single(lost.Marks).Lanes[0]);
    }

    [Fact]
    public async Task Successor_IsNotToldOfWhatTheSiloHasDroppedAndTheLogHad()
    {
        var first = Silo.LastTopic + 1000;
        Follow();
        Silo.ReadTopics = _ => new TopicPage([Entry(first, "1"), Entry(first + 1, "2")], Dropped: 0, first + 1, IsEnd: true);
        await using var client = await ConnectAsync();
        await SubscribeAsync(client, "ack:client\nprefetch-count:1");
        var read = await client.FrameAsync("MESSAGE");

        // It has not read everything yet.
        await AcceptedAsync(Silo.DropAsync(new DroppedTopics(first + 1, [new DroppedKey("notifications", _key, 5)], Others: 0)));
        await AcceptedAsync(Silo.DropAsync(new DroppedTopics(first + 9, [new DroppedKey("notifications", _key, 3)], Others: 0)));
        await PushAsync("3", first + 10);
        List<(string, string?)> rest = [];
        while (rest.Count < 2)
        {
            await client.SendAsync($"ACK\nid:{read["ack"]}\n\n\0");
            read = await client.FrameAsync("MESSAGE");
            rest.Add((read.Body, read["x-dropped"]));
        }

        Assert.Equal([("2", null), ("3", "3")], rest);
    }

    [Theory]
    [InlineData("DISCONNECT\nreceipt:r\n\n\0")]
    [InlineData("UNSUBSCRIBE\nid:1\nreceipt:r\n\n\0")]
    [InlineData("1000")]
    public async Task ClientWantedToGo_SiloIsToldNothing(string end)
    {
        await using var client = await ConnectAsync();
        await SubscribeAsync(client);
        if (int.TryParse(end, out var code))
            await client.CloseAsync(code);
        else
            await client.SendAsync(end);
        await Wait.Until(() => !Silo.Interests.ContainsKey(Interest), "the subscription to end");
        Assert.DoesNotContain(Silo.LostTopics, lost => lost.User == _user);
    }

    [Fact]
    public async Task Successor_GetsTheLogThenWhatCameLiveWithoutRepeats()
    {
        var reading = new TaskCompletionSource();
        var first = Silo.LastTopic + 1000;
        var former = Follow();
        Silo.ReadTopics = query =>
        {
            reading.TrySetResult();
            // Page by page; the messages of the second are pushed live as well.
            return query.After == 0
                ? new TopicPage([Entry(first, "1", redelivered: true)], Dropped: 2, first, IsEnd: false)
                : new TopicPage([Entry(first + 1, "2")], Dropped: 0, first + 3, IsEnd: true);
        };
        await using var client = await ConnectAsync();
        await SubscribeAsync(client);
        await reading.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await PushAsync("2", first + 1);
        await PushAsync("3", first + 4);

        Assert.Equal([("1", "true", "2"), ("2", "false", null), ("3", "false", null)], await ReadAsync(client, 3));
        var query = Silo.TopicQueries.First(query => query.Interest == Interest);
        Assert.Equal(Assert.Single(former.Marks).Lanes, query.Mark!.Lanes);
        await client.AskAsync("BEGIN\ntransaction:nothing-more");
    }

    [Fact]
    public async Task Successor_IsLostBeforeItHasReadAll_NextOneBeginsWhereTheFirstWas()
    {
        var first = Silo.LastTopic + 1000;
        var former = Follow();
        Silo.ReadTopics = _ => new TopicPage([Entry(first, "1"), Entry(first + 1, "2")], Dropped: 0, first + 1, IsEnd: true);
        await using var client = await ConnectAsync();
        await SubscribeAsync(client, "ack:client\nprefetch-count:1");
        Assert.Equal([("1", "false", null)], await ReadAsync(client, 1));
        client.Abort();

        var lost = await LostAsync();
        Assert.Equal(Assert.Single(former.Marks).Lanes, Assert.Single(lost.Marks).Lanes);
        Assert.Equal(first, lost.Marks[0].Attempted);
        Assert.True(lost.Age >= former.Age, "younger than the first one");
    }

    [Fact]
    public async Task Successor_WhoseSubscribeFails_LeavesItToTheNextOne()
    {
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort, settings: [("Links__SubscribeTimeout", "00:00:03")]);
        await edge.WaitForLinkAsync();
        var former = new LostTopic(
            _user,
            Interest,
            [new TopicMark(silo.Name, [7, 8, 9, 10], [5], Attempted: 6)],
            TimeSpan.FromSeconds(3),
            Dropped: 2,
            LacksRetained: true
        );
        silo.TakeLostTopic = _ => former;
        silo.ReadRetained = _ => throw new InvalidOperationException("as the test wants it");
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, _user);

        await client.SendAsync($"SUBSCRIBE\nid:1\ndestination:/exchange/notifications/{_key}\n\n\0");

        await client.ErrorAsync("Service unavailable");
        await Wait.Until(() => !silo.LostTopics.IsEmpty, "the edge to give back what it had taken");
        var lost = Assert.Single(silo.LostTopics);
        Assert.Equivalent(former with { Age = lost.Age }, lost, strict: true);
        Assert.True(lost.Age > former.Age, "its time has not gone on");
    }

    [Fact]
    public async Task FormerSessionIsNotKnownToBeLost_SuccessorAsksForWhatIsUnsettled()
    {
        await using var former = await ConnectAsync();
        await SubscribeAsync(former, "ack:client");
        await PushAsync("1");
        var number = Silo.LastTopic;
        await former.FrameAsync("MESSAGE");
        Silo.ReadTopics = query => new TopicPage(query.Mark!.Unsettled.Contains(number) ? [Entry(number, "1", redelivered: true)] : [], 0, number, IsEnd: true);

        await using var client = await ConnectAsync();
        await SubscribeAsync(client);

        Assert.Equal([("1", "true", null)], await ReadAsync(client, 1));
        former.Abort();
        await PushAsync("2");
        Assert.Equal([("2", "false", null)], await ReadAsync(client, 1));
        // The successor was there already: what the former one had is not for yet another.
        Assert.DoesNotContain(Silo.LostTopics, lost => lost.User == _user);
    }

    private LostTopic Follow()
    {
        var lost = new LostTopic(_user, Interest, [new TopicMark(Silo.Name, [7, 8, 9, 10], [5], Attempted: 0)], TimeSpan.FromSeconds(3));
        Silo.TakeLostTopic = user => user == _user ? lost : null;
        return lost;
    }

    private Task<WireClient> ConnectAsync() => WireClient.ConnectAsync(fixture.Edge.StompAddress, _user);

    private Task SubscribeAsync(WireClient client, string more = "") => client.SubscribeAsync($"/exchange/notifications/{_key}", more: more);

    private async Task<LostTopic> LostAsync()
    {
        await Wait.Until(() => Silo.LostTopics.Any(lost => lost.User == _user), "the edge to tell of the lost subscription");
        return Silo.LostTopics.Single(lost => lost.User == _user);
    }

    private static async Task<List<(string Body, string? Redelivered, string? Dropped)>> ReadAsync(WireClient client, int count)
    {
        List<(string, string?, string?)> read = [];
        while (read.Count < count)
        {
            var message = await client.FrameAsync("MESSAGE");
            read.Add((message.Body, message["redelivered"], message["x-dropped"]));
        }
        return read;
    }

    private TopicLogEntry Entry(long number, string body, bool redelivered = false) => new(number, new TopicPush(redelivered, Message(body), number));

    private Task PushAsync(string body) => AcceptedAsync(Silo.PushAsync(Message(body)));

    private Task PushAsync(string body, long number) => AcceptedAsync(Silo.PushAsync(Message(body), number));

    private static async Task AcceptedAsync(Task<PushReply> push) => Assert.Equal(PushReply.Accepted, await push);

    private Notification Message(string body) => Messages.Notification(_key, body);
}
