using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing.Stomp;

namespace NotifyOrleans.System.Tests;

/// <summary>What a client that comes back misses: nothing when it was lost, and what is transient when it wanted to go.</summary>
public sealed class RefreshGapTests(RunningSystem system) : IClassFixture<RunningSystem>, IAsyncLifetime
{
    // A user of each test alone.
    private readonly string _user = $"u{Guid.NewGuid():n}"[..9];
    private Publisher _publisher = null!;

    private string Inbox => $"/exchange/notifications/user.{_user}.#";

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
        await PublishAsync("1t", "2", "3t");

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

    /// <summary>Publishes messages to the user; those with a <c>t</c> behind their number are transient.</summary>
    private async Task PublishAsync(params string[] messages)
    {
        foreach (var text in messages)
            await _publisher.PublishAsync($"user.{_user}", text, persistent: !text.EndsWith('t'));
    }

    /// <summary>What a session has got until a message came; of <paramref name="except"/> it may have repeats, in front and flagged.</summary>
    private static async Task<List<Stomp.StompFrame>> NewsAsync(StompClient session, string last, string[]? except = null)
    {
        await session.WaitForAsync(frame => StompClient.Text(frame) == last, $"message {last}");
        var repeats = session.Messages.TakeWhile(message => except?.Contains(StompClient.Text(message)) == true).ToList();
        Assert.All(repeats, message => Assert.Equal("true", message["redelivered"]));
        return [.. session.Messages.Skip(repeats.Count)];
    }
}
