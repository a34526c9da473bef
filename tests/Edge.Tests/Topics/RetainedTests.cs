using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Topics;

/// <summary>What new subscriptions get of what is retained, and how they go on with what comes live.</summary>
public sealed class RetainedTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>, IDisposable
{
    private readonly string _topic = $"topic.{Guid.NewGuid():n}";

    private ScriptedSilo Silo => fixture.Silo;

    public void Dispose()
    {
        Silo.ReadRetained = _ => new RetainedPage([], 0, IsEnd: true);
        Silo.TakeLostTopic = _ => null;
        Silo.ReadTopics = query => new TopicPage([], 0, query.After, IsEnd: true);
    }

    [Fact]
    public async Task NewSubscriber_GetsWhatIsRetainedPageByPageThenWhatComesLive()
    {
        var now = Now();
        Silo.ReadRetained = query =>
            query switch
            {
                { After: 0 } => new RetainedPage([Retained("a", now - 2, "1"), Retained("b", now - 1, "2")], now, IsEnd: false),
                _ when (query.After, query.UpTo) == (now - 1, now) => new RetainedPage([Retained("c", now, "3")], now, IsEnd: true),
                _ => throw new ArgumentException($"{query}"),
            };
        await using var client = await SubscribeAsync();
        await PushAsync("a", "4");
        Assert.Equal([("a", "1", "true"), ("b", "2", "true"), ("c", "3", "true"), ("a", "4", null)], await ReadAsync(client, 4));
    }

    [Fact]
    public async Task RetainedMessageThatIsPushedToo_ComesOnce_AndNothingOlderBehindIt()
    {
        var now = Now();
        var pushed = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        Silo.ReadRetained = _ =>
        {
            asked.TrySetResult();
            pushed.Task.Wait(TimeSpan.FromSeconds(60));
            return new RetainedPage(
                [Retained("newer", now, "old"), Retained("same", now + 1, "same"), Retained("late", now + 2, "late")],
                now + 2,
                IsEnd: true
            );
        };
        var subscribing = SubscribeAsync();
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await Silo.PushRetainedAsync(Message("newer", "new"), now + 3);
        await Silo.PushRetainedAsync(Message("same", "same"), now + 1);
        pushed.SetResult();
        await using var client = await subscribing;
        // The one was read, the others came live meanwhile.
        Assert.Equal([("late", "late", "true"), ("newer", "new", null), ("same", "same", null)], await ReadAsync(client, 3));
        await Silo.PushRetainedAsync(Message("late", "late"), now + 2);
        await Silo.PushRetainedAsync(Message("late", "later"), now + 4);
        Assert.Equal([("late", "later", null)], await ReadAsync(client, 1));
    }

    [Fact]
    public async Task MessageThatComesWhileItSubscribes_IsWrittenBehindTheReceipt()
    {
        var pushed = new TaskCompletionSource();
        var asked = new TaskCompletionSource();
        Silo.ReadRetained = _ =>
        {
            asked.TrySetResult();
            pushed.Task.Wait(TimeSpan.FromSeconds(60));
            return new RetainedPage([], 0, IsEnd: true);
        };
        var subscribing = SubscribeAsync();
        await asked.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await PushAsync("a", "early");
        await PushAsync("b", "early too");
        pushed.SetResult();
        await using var client = await subscribing;
        Assert.Equal([("a", "early", null), ("b", "early too", null)], await ReadAsync(client, 2));
    }

    [Fact]
    public async Task SessionIsLostBeforeItHasAll_TheNextOneGetsItAgainAndFlagged_OthersThatFollowDoNot()
    {
        var now = Now();
        Silo.ReadRetained = _ => new RetainedPage([Retained("a", now, "1"), Retained("b", now + 1, "2")], now + 1, IsEnd: true);
        await using (var first = await SubscribeAsync("ack:client\nprefetch-count:1"))
        {
            Assert.Equal([("a", "1", "true")], await ReadAsync(first, 1));
            first.Abort();
            await Wait.Until(() => Silo.LostTopics.Any(IsOurs), "the edge to tell of the lost subscription");
        }
        var lost = Silo.LostTopics.Single(IsOurs);
        Assert.True(lost.LacksRetained, "it is not told that it lacks what is retained");

        // What it has missed since comes behind.
        Silo.TakeLostTopic = _ => lost;
        var number = lost.Marks[0].Lanes.Max() + 1000;
        Silo.ReadTopics = query => new TopicPage(
            query.Interest.Pattern == $"{_topic}.*" ? [new TopicLogEntry(number, new TopicPush(false, Message("b", "missed"), number))] : [],
            0,
            number,
            IsEnd: true
        );
        await using var next = await SubscribeAsync();
        var again = await next.FrameAsync("MESSAGE");
        Assert.Equal(("1", "true", "true"), (again.Body, again["x-retained"], again["redelivered"]));
        Assert.Equal([("b", "2", "true"), ("b", "missed", null)], await ReadAsync(next, 2));
        Silo.ReadTopics = query => new TopicPage([], 0, query.After, IsEnd: true);

        Silo.TakeLostTopic = _ => lost with { LacksRetained = false };
        await using var other = await SubscribeAsync();
        await PushAsync("a", "3");
        Assert.Equal([("a", "3", null)], await ReadAsync(other, 1));

        bool IsOurs(LostTopic lost) => lost.Interest.Pattern == $"{_topic}.*";
    }

    private static long Now() => DateTimeOffset.UtcNow.ToUnixTimeMilliseconds() * 1000;

    private async Task<WireClient> SubscribeAsync(string more = "")
    {
        var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, $"u{Guid.NewGuid():n}"[..9]);
        await client.SubscribeAsync($"/exchange/notifications/{_topic}.*", more: more);
        return client;
    }

    private async Task<List<(string Key, string Body, string? Retained)>> ReadAsync(WireClient client, int count)
    {
        var read = new List<(string, string, string?)>();
        while (read.Count < count)
        {
            var message = await client.FrameAsync("MESSAGE");
            read.Add((message["destination"]!.Split('.')[^1], message.Body, message["x-retained"]));
        }
        return read;
    }

    private RetainedMessage Retained(string key, long version, string body) => new(version, Message(key, body));

    private async Task PushAsync(string key, string body) => Assert.Equal(PushReply.Accepted, await Silo.PushAsync(Message(key, body)));

    private Notification Message(string key, string body) => Messages.Notification($"{_topic}.{key}", body, headers: ("x-retained", "by a publisher"));
}
