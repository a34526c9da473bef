using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;

namespace NotifyOrleans.Edge.Tests.Connections.WebSockets;

/// <summary>Credentials in the request that becomes a WebSocket.</summary>
[Collection(TransportCollection.Name)]
public sealed class UpgradeTests(TransportFixture fixture)
{
    private readonly string _user = $"u{Guid.NewGuid():n}";

    private Uri Address => fixture.Edge.StompAddress;

    [Fact]
    public async Task Bearer_SignsInAConnectWithoutCredentials()
    {
        await using var client = await OpenAsync($"Bearer token-{_user}");
        await ConnectedAsync(client, "");
    }

    [Fact]
    public async Task Basic_SignsInAConnectWithoutCredentials()
    {
        await using var client = await OpenAsync(Basic(_user, $"token-{_user}"));
        await ConnectedAsync(client, "");
    }

    [Fact]
    public async Task Token_InTheAddress_SignsIn_AndIsInNoLog()
    {
        await using var client = await WireClient.OpenAsync(new Uri($"{Address}?access_token=token-{_user}"));
        await ConnectedAsync(client, "");
        Assert.Contains("Microsoft.AspNetCore", fixture.Edge.Process.Output, StringComparison.Ordinal);
        Assert.DoesNotContain($"token-{_user}", fixture.Edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Connect_WithItsOwnPasscode_CountsMoreThanTheUpgrade()
    {
        await using var client = await OpenAsync("Bearer wrong");
        await ConnectedAsync(client, $"login:{_user}\npasscode:token-{_user}\n");
        await using var other = await OpenAsync($"Bearer token-{_user}");
        await RefusedAsync(other, $"login:{_user}\npasscode:wrong\n");
    }

    [Fact]
    public async Task Connect_WithItsOwnLogin_MustNameTheUserOfTheUpgrade()
    {
        await using var client = await OpenAsync($"Bearer token-{_user}");
        await ConnectedAsync(client, $"login:{_user}\n");
        await using var other = await OpenAsync($"Bearer token-{_user}");
        await RefusedAsync(other, "login:bob\n");
        await using var basic = await OpenAsync(Basic(_user, $"token-{_user}"));
        await RefusedAsync(basic, "login:bob\n");
    }

    [Theory]
    [InlineData("Bearer wrong")]
    [InlineData("Bearer")]
    [InlineData("Basic ???")]
    [InlineData("Basic Ym9i")]
    [InlineData("Negotiate Zm9v")]
    public async Task Credentials_ThatAreWrong_AreRefusedAsThoseOfConnect(string authorization)
    {
        await using var client = await OpenAsync(authorization);
        await RefusedAsync(client, "");
    }

    [Fact]
    public async Task Basic_OfAForeignPage_DoesNotCount()
    {
        // A browser adds it by itself, whoever the page is.
        await using var foreign = await OpenAsync(Basic(_user, $"token-{_user}"), "https://evil.example.org");
        await RefusedAsync(foreign, "");
        await using var own = await OpenAsync(Basic(_user, $"token-{_user}"), $"http://{Address.Authority}");
        await ConnectedAsync(own, "");
    }

    private Task<WireClient> OpenAsync(string authorization, string? origin = null) =>
        WireClient.OpenAsync(Address, origin: origin, headers: [("Authorization", authorization)]);

    private async Task ConnectedAsync(WireClient client, string headers)
    {
        await client.SendAsync($"CONNECT\naccept-version:1.2\n{headers}\n\0");
        await client.FrameAsync("CONNECTED");
        Assert.Contains(fixture.Silo.VhostQuestions, question => question.Username == _user);
    }

    private static async Task RefusedAsync(WireClient client, string headers)
    {
        await client.SendAsync($"CONNECT\naccept-version:1.2\n{headers}\n\0");
        await client.ErrorAsync("Bad CONNECT");
        await client.ClosedAsync(4401);
    }

    private static string Basic(string login, string passcode) => $"Basic {Convert.ToBase64String(Encoding.UTF8.GetBytes($"{login}:{passcode}"))}";
}
