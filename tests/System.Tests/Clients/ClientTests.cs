using Microsoft.Playwright;
using NotifyOrleans.System.Tests.Demo;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.System.Tests.Clients;

/// <summary>Clients as they are, in their own languages: each lives through the same scenario, in <c>Clients/scenario.mjs</c> and <c>scenario.py</c>.</summary>
public sealed class ClientTests(ClientFixture fixture, Browser browser) : IClassFixture<ClientFixture>, IClassFixture<Browser>, IDisposable
{
    /// <summary>Of a step, on a machine that is busy.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("webstomp")]
    [InlineData("stompjs")]
    public Task Client_InNode_LivesThroughTheScenario(string client) =>
        RunAsync(client, user => ["node", Path.Combine(ClientFixture.Folder, "node.mjs"), client, fixture.System.StompAddress.ToString(), user]);

    [Fact]
    public Task StompPy_OverTcp_LivesThroughTheScenario() =>
        RunAsync("stomp.py", user => ["/usr/bin/python3", Path.Combine(ClientFixture.Folder, "scenario.py"), $"{fixture.TcpPort}", user]);

    [Theory]
    [InlineData("webstomp")]
    [InlineData("stompjs")]
    public async Task Client_InAPage_LivesThroughTheScenario(string client)
    {
        var user = $"page-{client}";
        var page = await browser.Chromium.NewPageAsync();
        var complaints = new List<string>();
        page.Console += (_, message) => complaints.Add(message.Text);
        // From files, under the edge's own address.
        var origin = $"http://{fixture.System.StompAddress.Authority}/clients/";
        await page.RouteAsync($"{origin}**", route =>
            route.FulfillAsync(
                new RouteFulfillOptions
                {
                    Path = Path.Combine(ClientFixture.Folder, new Uri(route.Request.Url).AbsolutePath["/clients/".Length..]),
                    ContentType = route.Request.Url.Contains("page.html", StringComparison.Ordinal) ? "text/html" : "text/javascript",
                }
            )
        );
        await page.GotoAsync($"{origin}page.html?client={client}&user={user}&url={fixture.System.StompAddress}#{fixture.System.Tokens.For(user, "service")}");
        var last = page.Locator("#log li").Filter(new LocatorFilterOptions { HasTextRegex = new("^(done|failed)") });
        await last.WaitForAsync(new LocatorWaitForOptions { Timeout = (float)Patience.TotalMilliseconds });
        var log = await page.Locator("#log").InnerTextAsync();
        Assert.True(log.EndsWith("done", StringComparison.Ordinal), $"{log}\n{string.Join('\n', complaints)}");
        await page.CloseAsync();
    }

    private async Task RunAsync(string client, Func<string, string[]> command)
    {
        var user = $"user-{client.Replace('.', '-')}";
        var environment = new Dictionary<string, string?> { ["TOKEN"] = fixture.System.Tokens.For(user, "service") };
        await using var process = NodeProcess.Start(client, command(user), environment, _folder.File("out.log"));
        await Wait.Until(() => process.HasExited, () => $"{client} to end: {process.Output}", Patience);
        Assert.True(process.ExitCode == 0 && process.Output.TrimEnd().EndsWith("done", StringComparison.Ordinal), process.Output);
    }
}
