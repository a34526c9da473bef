using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests.Users;

/// <summary>What a client that comes back misses: nothing when it was lost, and what is transient when it wanted to go.</summary>
[Collection(SharedSystem.Name)]
public sealed class RefreshGapTests(RunningSystem system) : IAsyncLifetime
{
    // A user of each test alone.
    private readonly string _user = $"u{Guid.NewGuid():n}"[..9];
    private Publisher _publisher = null!;

    private string Inbox => $"/exchange/notifications/user.{_user}.#";

    private string Topic => $"/exchange/notifications/topic.{_user}.#";

    public async Task InitializeAsync() => _publisher = await Publisher.ConnectAsync(system.Broker.Uri);

    public async Task DisposeAsync() => await _publisher.DisposeAsync();

    [Theory]
    [InlineData(1001)]
    [InlineData(null)]
    public async Task Mailbox_SessionIsLost_NextOneMissesNothing(int? code)
    {
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Inbox);
        await PublishAsync("1t", "2");
        await former.MessagesAsync(2);
        if (code is { } known)
            await former.CloseAsync(known);
        else
            former.Abort();
        await PublishAsync("3t", "4", "5t");

        await using var next = await system.ConnectAsync(_user);
        await next.SubscribeAsync(Inbox);
        await PublishAsync("6t");

        // What was written just before may come again, flagged.
        var news = await NewsAsync(next, "6t", except: ["1t", "2"]);
        Assert.Equal(["3t", "4", "5t", "6t"], news.Select(StompClient.Text));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(null)]
    public async Task Mailbox_ClientWantedToGo_NothingTransientWaits(int? code)
    {
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Inbox);
        if (code is { } known)
            await former.CloseAsync(known);
        else
            await former.DisconnectAsync();
        // Somebody to see that the messages were there while the client was away; what he does not acknowledge is still undelivered.
        await using var witness = await system.ConnectAsync(_user);
        await witness.SubscribeAsync($"/exchange/notifications/user.{_user}", ack: "client");
        await PublishAsync("1t", "2", "3t");
        await witness.MessagesAsync(3);

        await using var next = await system.ConnectAsync(_user);
        await next.SubscribeAsync(Inbox);
        await PublishAsync("4t");

        Assert.Equal(["2", "4t"], (await NewsAsync(next, "4t")).Select(StompClient.Text));
    }

    [Fact]
    public async Task Mailbox_OneOfTwoTabsReloads_EachHasEverythingOnce()
    {
        await using var tab = await system.ConnectAsync(_user);
        await tab.SubscribeAsync(Inbox);
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Inbox);
        await PublishAsync("1t", "2");
        await former.MessagesAsync(2);
        await former.CloseAsync(1001);
        await PublishAsync("3t", "4");
        await tab.MessagesAsync(4);

        await using var next = await system.ConnectAsync(_user);
        await next.SubscribeAsync(Inbox);
        await PublishAsync("5");

        Assert.Equal(["3t", "4", "5"], (await NewsAsync(next, "5", except: ["1t", "2"])).Select(StompClient.Text));
        Assert.Equal(["1t", "2", "3t", "4", "5"], (await tab.MessagesAsync(5)).Select(StompClient.Text));
    }

    [Fact]
    public async Task Mailbox_EdgeIsKilled_NextSessionMissesNothingThoughNobodyKnowsYet()
    {
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Inbox);
        await PublishAsync("1t", "2");
        await former.MessagesAsync(2);
        await system.Edge.KillAsync();
        await PublishAsync("3t", "4", "5t");
        system.Edge.Start();
        await system.ReadyAsync();

        await using var next = await system.ConnectAsync(_user);
        await next.SubscribeAsync(Inbox);
        await PublishAsync("6t");

        Assert.Equal(["3t", "4", "5t", "6t"], (await NewsAsync(next, "6t", except: ["1t", "2"])).Select(StompClient.Text));
    }

    [Theory]
    [InlineData(1001)]
    [InlineData(null)]
    public async Task Topic_SessionIsLost_NextOneMissesNothing(int? code)
    {
        await PublishToTopicAsync("before");
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Topic);
        await PublishToTopicAsync("1", "2");
        await former.MessagesAsync(2);
        if (code is { } known)
            await former.CloseAsync(known);
        else
            former.Abort();
        await PublishToTopicAsync("3", "4", "5");

        await using var next = await system.ConnectAsync(_user);
        await next.SubscribeAsync(Topic);
        await PublishToTopicAsync("6");

        var news = await NewsAsync(next, "6", except: ["1", "2"]);
        Assert.Equal(["3", "4", "5", "6"], news.Select(StompClient.Text));
        Assert.All(news, message => Assert.Null(message["x-dropped"]));
    }

    [Fact]
    public async Task Topic_ClientWantedToGo_NothingWaits()
    {
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Topic);
        await former.DisconnectAsync();
        await using var witness = await system.ConnectAsync(_user);
        await witness.SubscribeAsync($"/exchange/notifications/topic.{_user}.news");
        await PublishToTopicAsync("1");
        await witness.MessagesAsync(1);

        await using var next = await system.ConnectAsync(_user);
        await next.SubscribeAsync(Topic);
        await PublishToTopicAsync("2");

        Assert.Equal(["2"], (await NewsAsync(next, "2")).Select(StompClient.Text));
    }

    [Fact]
    public async Task Topic_ManyMessagesAndASmallWindow_ComeInOrderOnceAcknowledged()
    {
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Topic);
        await former.CloseAsync(1001);
        var texts = Enumerable.Range(1, 400).Select(number => $"{number}").ToArray();
        await PublishToTopicAsync(texts[..300]);

        await using var next = await system.ConnectAsync(_user);
        next.OnFrame = (client, frame) => frame.Command == StompCommands.Message ? client.AckAsync(frame) : Task.CompletedTask;
        await next.SubscribeAsync(Topic, "0", "client-individual", ("prefetch-count", "5"));
        await PublishToTopicAsync(texts[300..]);

        Assert.Equal(texts, (await next.MessagesAsync(400)).Select(StompClient.Text));
    }

    [Fact]
    public async Task Topic_EdgeIsStopped_ItsSilosKnowHowFarItsSessionsHadCome()
    {
        await using var former = await system.ConnectAsync(_user);
        await former.SubscribeAsync(Topic);
        await PublishToTopicAsync("1");
        await former.MessagesAsync(1);
        await system.Edge.TerminateAsync();
        await PublishToTopicAsync("2", "3");
        system.Edge.Start();
        await system.ReadyAsync();

        await using var next = await system.ConnectAsync(_user);
        await next.SubscribeAsync(Topic);
        await PublishToTopicAsync("4");

        Assert.Equal(["2", "3", "4"], (await NewsAsync(next, "4", except: ["1"])).Select(StompClient.Text));
    }

    [Fact]
    public async Task Topic_EdgeStandsStillUntilItsLinkIsLost_ItsSessionsMissNothing()
    {
        await using var session = await system.ConnectAsync(_user);
        await session.SubscribeAsync(Topic);
        await PublishToTopicAsync("1");
        await session.MessagesAsync(1);

        system.Edge.Pause();
        await PublishToTopicAsync("2", "3");
        await system.Silo.WaitForAsync(async () => await system.Silo.MetricAsync("notifyorleans_links_open") == 0, "the link to end");
        await PublishToTopicAsync("4", "5");
        system.Edge.Resume();

        await session.MessagesAsync(5);
        await PublishToTopicAsync("6");
        Assert.Equal(["1", "2", "3", "4", "5", "6"], (await session.MessagesAsync(6)).Select(StompClient.Text));
        Assert.All(session.Messages, message => Assert.Null(message["x-dropped"]));
    }

    private async Task PublishToTopicAsync(params string[] messages)
    {
        foreach (var text in messages)
            await _publisher.PublishAsync($"topic.{_user}.news", text, persistent: false);
    }

    /// <summary>Publishes messages to the user; those with a <c>t</c> behind their number are transient.</summary>
    private async Task PublishAsync(params string[] messages)
    {
        foreach (var text in messages)
            await _publisher.PublishAsync($"user.{_user}", text, persistent: !text.EndsWith('t'));
    }

    /// <summary>What a session has got until a message came; of <paramref name="except"/> it may have repeats, in front and flagged.</summary>
    private static async Task<List<StompFrame>> NewsAsync(StompClient session, string last, string[]? except = null)
    {
        await session.WaitForAsync(frame => StompClient.Text(frame) == last, $"message {last}");
        var repeats = session.Messages.TakeWhile(message => except?.Contains(StompClient.Text(message)) == true).ToList();
        Assert.True(
            repeats.All(message => message["redelivered"] == "true"),
            string.Join(", ", session.Messages.Select(message => $"{StompClient.Text(message)} {message["x-offset"]} {message["redelivered"]}"))
        );
        return [.. session.Messages.Skip(repeats.Count)];
    }
}
