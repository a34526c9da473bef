using Microsoft.Playwright;
using NotifyOrleans.System.Tests.Scripts;

namespace NotifyOrleans.System.Tests.Demo;

/// <summary>People in front of the demo page, in a real browser, through nginx.</summary>
[Collection(StartedByScriptsCollection.Name)]
public sealed class DemoPageTests(StartedByScripts system, Browser browser) : IClassFixture<Browser>, IAsyncLifetime
{
    // Users of this test alone: what another test has sent must not be counted.
    private readonly string _anna = $"anna-{Guid.NewGuid():N}"[..12];
    private readonly string _ben = $"ben-{Guid.NewGuid():N}"[..12];
    private NginxProxy _nginx = null!;

    public async Task InitializeAsync() => _nginx = await NginxProxy.StartAsync(system.DemoPage);

    public async Task DisposeAsync() => await _nginx.DisposeAsync();

    [Fact]
    public async Task Inbox_WhileOnline_ShowsWhatIsSentToOneToSeveralAndToAll()
    {
        await using var anna = await OpenAsync(_anna);
        await using var ben = await OpenAsync(_ben);

        await ben.SendToAsync(_anna, "for you");
        await Assertions.Expect(anna.Items).ToHaveCountAsync(1);
        await ben.SendToSeveralAsync($"{_anna}, {_ben}", "for both");
        await Assertions.Expect(anna.Items).ToHaveCountAsync(2);
        await Assertions.Expect(ben.Items).ToHaveCountAsync(1);
        await anna.SendToEveryoneAsync("for all");
        await Assertions.Expect(anna.Items).ToHaveCountAsync(3);
        await Assertions.Expect(ben.Items).ToHaveCountAsync(2);

        Assert.Equal(["for all", "for both", "for you"], await anna.TextsAsync());
        Assert.Equal(["for all", "for both"], await ben.TextsAsync());
        Assert.Empty(anna.Faults.Concat(ben.Faults));
    }

    [Fact]
    public async Task Inbox_BackFromOffline_ShowsWhatWasMissedInOrderAndCountsTheUnread()
    {
        await using var anna = await OpenAsync(_anna);
        await using var ben = await OpenAsync(_ben);
        await ben.SendToAsync(_anna, "zero");
        await Assertions.Expect(anna.Unread).ToHaveTextAsync("1");

        await anna.GoOfflineAsync();
        await Assertions.Expect(anna.Notice).ToContainTextAsync("You are offline");
        foreach (var text in (string[])["one", "two", "three"])
            await ben.SendToAsync(_anna, text);
        await Assertions.Expect(anna.Items).ToHaveCountAsync(1);
        // They must be older than the page's tolerance for other clocks to count as missed.
        await anna.SetClockAsync(DateTime.UtcNow.AddMinutes(1));

        await anna.GoOnlineAsync();
        await Assertions.Expect(anna.Announcement).ToContainTextAsync("Welcome back");
        await Assertions.Expect(anna.Items).ToHaveCountAsync(4);
        await Assertions.Expect(anna.Missed).ToHaveCountAsync(3);
        Assert.Equal(["three", "two", "one", "zero"], await anna.TextsAsync());
        await Assertions.Expect(anna.Unread).ToHaveTextAsync("4");
        Assert.Equal("(4) NotifyOrleans", await anna.TitleAsync());

        await anna.Items.First.FocusAsync();
        await anna.PressAsync("Enter");
        await Assertions.Expect(anna.Unread).ToHaveTextAsync("3");
        await anna.PressAsync("ArrowDown");
        await anna.PressAsync("Enter");
        await Assertions.Expect(anna.Unread).ToHaveTextAsync("2");
        await anna.ReloadAsync();
        await anna.IsOnlineAsync();
        await Assertions.Expect(anna.Items).ToHaveCountAsync(4);
        await Assertions.Expect(anna.Unread).ToHaveTextAsync("2");
        await anna.ClickAsync("Mark all read");
        await Assertions.Expect(anna.Unread).ToBeHiddenAsync();
        Assert.Empty(anna.Faults.Concat(ben.Faults));
    }

    [Fact]
    public async Task Inbox_EdgeKilledAndStartedAgain_ReconnectsByItselfAndLosesNothing()
    {
        await using var anna = await OpenAsync(_anna);
        var edge = system.Processes.First(process => process.Kind == "edge");
        await ScriptRun.RunAsync("kill", ["-9", $"{edge.Pid}"], new Dictionary<string, string?>());
        await Assertions.Expect(anna.Notice).ToContainTextAsync("Not connected");
        await system.PublishAsync($"user.{_anna}", "while the edge was down");
        system.Replace(edge, Assert.Single(PrintedProcess.ParseAll(await system.RunAsync("node.sh", "edge", "1"))));

        await anna.IsOnlineAsync();
        await Assertions.Expect(anna.Items).ToHaveCountAsync(1);
        Assert.Equal(["while the edge was down"], await anna.TextsAsync());
    }

    private Task<InboxPage> OpenAsync(string user) => InboxPage.OpenAsync(browser.Chromium, _nginx.Address, user);
}
