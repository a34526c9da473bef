using Microsoft.Playwright;
using NotifyOrleans.System.Tests.Scripts;

namespace NotifyOrleans.System.Tests.Demo;

/// <summary>An operator in front of Orleans' own pages, in a real browser.</summary>
[Collection(StartedByScriptsCollection.Name)]
public sealed class DashboardTests(StartedByScripts system, Browser browser) : IClassFixture<Browser>
{
    [Fact]
    public async Task Overview_SignedInWithATokenAsPassword_CountsTheSilo()
    {
        await using var context = await browser.Chromium.NewContextAsync(
            new BrowserNewContextOptions
            {
                HttpCredentials = new HttpCredentials { Username = "operator", Password = await system.TokenAsync("operator", "admin") },
            }
        );
        var page = await context.NewPageAsync();
        var faults = new List<string>();
        page.PageError += (_, fault) => faults.Add(fault);

        await page.GotoAsync($"{system.Silo}admin/dashboard/");

        await Assertions.Expect(page.GetByText("Active Silos", new PageGetByTextOptions { Exact = true })).ToBeVisibleAsync();
        await page.GotoAsync($"{system.Silo}admin/dashboard/#/grains");
        await Assertions.Expect(page.GetByText("DispatcherGrain").First).ToBeVisibleAsync();
        Assert.Empty(faults);
    }
}
