using Microsoft.Playwright;

namespace NotifyOrleans.System.Tests.Demo;

/// <summary>The demo page in a browser of its own: one person's window.</summary>
public sealed class InboxPage : IAsyncDisposable
{
    private readonly IBrowserContext _context;
    private readonly IPage _page;
    private readonly List<string> _faults = [];

    private InboxPage(IBrowserContext context, IPage page)
    {
        (_context, _page) = (context, page);
        _page.PageError += (_, error) => _faults.Add(error);
        _page.Console += (_, message) =>
        {
            if (message.Type == "error")
                _faults.Add(message.Text);
        };
    }

    /// <summary>Errors of the page's script, and what the browser itself complained about.</summary>
    public IReadOnlyList<string> Faults => _faults;

    public ILocator Items => _page.Locator(".item");

    public ILocator Unread => _page.GetByTestId("unread");

    public ILocator Missed => _page.Locator(".tag.missed");

    public ILocator Announcement => _page.Locator(".announcer");

    public ILocator Notice => _page.Locator(".notice");

    public ILocator Outcome => _page.Locator(".outcome");

    public static async Task<InboxPage> OpenAsync(IBrowser browser, Uri address, string user)
    {
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { BaseURL = address.ToString() });
        var page = new InboxPage(context, await context.NewPageAsync());
        await page._page.GotoAsync("/");
        await page._page.GetByLabel("User name").FillAsync(user);
        await page._page.Keyboard.PressAsync("Enter");
        await page.IsOnlineAsync();
        return page;
    }

    public Task IsOnlineAsync() => Assertions.Expect(_page.Locator(".connection")).ToHaveAttributeAsync("data-state", "online");

    public async Task GoOfflineAsync()
    {
        await _page.GetByText("Go offline").ClickAsync();
        await Assertions.Expect(_page.Locator(".connection")).ToHaveAttributeAsync("data-state", "offline");
    }

    public async Task GoOnlineAsync()
    {
        await _page.GetByText("Go online").ClickAsync();
        await IsOnlineAsync();
    }

    public Task SendToAsync(string user, string text) => SendAsync("One", "User", user, text);

    public Task SendToSeveralAsync(string users, string text) => SendAsync("Several", "Users, by comma", users, text);

    public Task SendToEveryoneAsync(string text) => SendAsync("Everyone", null, "", text);

    /// <summary>Texts of the list, newest first.</summary>
    public Task<IReadOnlyList<string>> TextsAsync() => _page.Locator(".item-text").AllTextContentsAsync();

    public Task ClickAsync(string button) => _page.GetByRole(AriaRole.Button, new() { Name = button }).ClickAsync();

    public Task PressAsync(string key) => _page.Keyboard.PressAsync(key);

    public Task<string> TitleAsync() => _page.TitleAsync();

    /// <summary>Turns this person's clock; timers go on as they are.</summary>
    public Task SetClockAsync(DateTime time) => _page.Clock.SetSystemTimeAsync(time);

    public Task ReloadAsync() => _page.ReloadAsync();

    public async ValueTask DisposeAsync() => await _context.DisposeAsync();

    private async Task SendAsync(string audience, string? field, string recipients, string text)
    {
        await _page.GetByText(audience, new() { Exact = true }).ClickAsync();
        if (field is not null)
            await _page.GetByLabel(field, new() { Exact = true }).FillAsync(recipients);
        await _page.GetByLabel("Text", new() { Exact = true }).FillAsync(text);
        await _page.Locator(".composer button[type=submit]").ClickAsync();
        await Assertions.Expect(Outcome).ToHaveAttributeAsync("data-state", "sent");
    }
}
