using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Stomp;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Connections.Refusals;

/// <summary>Who is refused too often is told late; whoever has a good token is let in at once.</summary>
public sealed class RefusalTests(RefusalFixture fixture) : IClassFixture<RefusalFixture>
{
    private Uri Address => fixture.Edge.StompAddress;

    [Fact]
    public async Task User_ThatIsRefusedTooOften_IsToldLate_AndTheOthersOfTheAddressAreNot()
    {
        const string From = "127.0.0.11";
        for (var i = 0; i < RefusalFixture.PerUser; i++)
            await RefusedAtOnceAsync(From, "alice");

        await using var late = await RefusedLateAsync(From, "alice");

        await RefusedAtOnceAsync(From, "bob");
        await RefusedAtOnceAsync("127.0.0.12", "alice");
        await SignedInAsync(From, "alice");
        Assert.Null(late.CloseStatus);
    }

    [Fact]
    public async Task Address_ThatIsRefusedTooOften_IsToldLate_AndItsGoodTokensAreTaken()
    {
        const string From = "127.0.0.13";
        for (var i = 0; i < RefusalFixture.PerAddress; i++)
            await RefusedAtOnceAsync(From, $"guess-{i}");

        await using var late = await RefusedLateAsync(From, "guess");
        await using var withoutLogin = await RefusedLateAsync(From, "");

        await RefusedAtOnceAsync("127.0.0.14", "guess");
        for (var i = 0; i < 20; i++)
            await SignedInAsync(From, $"good-{i}");
        Assert.Null(late.CloseStatus);
        Assert.Null(withoutLogin.CloseStatus);
    }

    [Fact]
    public async Task GoodTokens_AsManyAsCome_DoNotCount()
    {
        const string From = "127.0.0.15";
        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SignedInAsync(From, "alice")));
        for (var i = 0; i < RefusalFixture.PerUser; i++)
            await RefusedAtOnceAsync(From, "alice");
    }

    [Fact]
    public async Task Login_WithoutAnyToken_CountsToo()
    {
        const string From = "127.0.0.16";
        for (var i = 0; i < RefusalFixture.PerUser; i++)
            await using (var client = await SendAsync(From, "login:alice\n"))
                await client.ErrorAsync("Bad CONNECT");
        await using var late = await RefusedLateAsync(From, "alice");
    }

    [Fact]
    public async Task Login_OfTheUpgrade_CountsAsOneOfCONNECT()
    {
        const string From = "127.0.0.19";
        await RefusedAtOnceAsync(From, "alice");
        await using (var client = await SendBasicAsync(From, "alice"))
            Assert.Equal("Access refused for user 'alice'\n", (await client.ErrorAsync("Bad CONNECT")).Body);

        var before = await DelayedAsync();
        await using var late = await SendBasicAsync(From, "alice");
        await Wait.Until(async () => await DelayedAsync() == before + 1, "the refusal to be held back");

        await RefusedAtOnceAsync(From, "bob");
        Assert.Null(late.CloseStatus);
    }

    [Fact]
    public async Task Token_GoodOrNot_IsInNoLogAndNoMetric()
    {
        const string From = "127.0.0.17";
        const string Bad = "correct-horse-battery-staple";
        await SignedInAsync(From, "secretive");
        await using (var client = await SendAsync(From, $"login:secretive\npasscode:{Bad}\n"))
            await client.ErrorAsync("Bad CONNECT");
        foreach (var (name, value) in new[] { ("Authorization", $"Bearer {Bad}"), ("Authorization", "Bearer token-secretive") })
        {
            await using var client = await WireClient.OpenAsync(new Uri($"{Address}?access_token={Bad}"), headers: [(name, value)], from: "127.0.0.18");
            await client.SendAsync("CONNECT\naccept-version:1.2\n\n\0");
            await client.NextAsync("CONNECTED or ERROR");
        }

        var told = fixture.Edge.Process.Output + await fixture.Edge.Http.GetStringAsync("/metrics");

        Assert.Contains(" trce: ", told, StringComparison.Ordinal);
        Assert.Contains("notifyorleans_edge_errors", told, StringComparison.Ordinal);
        Assert.DoesNotContain(Bad, told, StringComparison.Ordinal);
        Assert.DoesNotContain("token-secretive", told, StringComparison.Ordinal);
    }

    private async Task RefusedAtOnceAsync(string from, string login)
    {
        await using var client = await SendAsync(from, $"login:{login}\npasscode:wrong\n");
        var error = await client.ErrorAsync("Bad CONNECT");
        Assert.Equal($"Access refused for user '{login}'\n", error.Body);
        await client.ClosedAsync(4401);
    }

    /// <summary>A client that waits for its refusal.</summary>
    private async Task<WireClient> RefusedLateAsync(string from, string login)
    {
        var before = await DelayedAsync();
        var client = await SendAsync(from, $"login:{login}\npasscode:wrong\n");
        await Wait.Until(async () => await DelayedAsync() == before + 1, "the refusal to be held back");
        return client;
    }

    /// <summary>Says who it is in the upgrade alone, with a wrong token.</summary>
    private async Task<WireClient> SendBasicAsync(string from, string login)
    {
        var basic = Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login}:wrong"));
        var client = await WireClient.OpenAsync(Address, headers: [("Authorization", $"Basic {basic}")], from: from);
        await client.SendAsync("CONNECT\naccept-version:1.2\n\n\0");
        return client;
    }

    private async Task SignedInAsync(string from, string user)
    {
        await using var client = await SendAsync(from, $"login:{user}\npasscode:token-{user}\n");
        await client.FrameAsync(StompCommands.Connected);
    }

    private async Task<WireClient> SendAsync(string from, string credentials)
    {
        var client = await WireClient.OpenAsync(Address, from: from);
        await client.SendAsync($"CONNECT\naccept-version:1.2\n{credentials}\n\0");
        return client;
    }

    private Task<double> DelayedAsync() => fixture.Edge.MetricAsync("notifyorleans_edge_refusals_delayed_total");
}
