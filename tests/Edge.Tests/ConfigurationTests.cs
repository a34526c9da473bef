using System.Net.WebSockets;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Processes;

namespace NotifyOrleans.Edge.Tests;

/// <summary>Settings that cannot be: the start is refused, and all of them are named.</summary>
public sealed class ConfigurationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Settings_ThatAreWrong_AreAllNamed()
    {
        var settings = new Dictionary<string, string?>
        {
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{FreePort.Next()}",
            ["Stomp__Path"] = "ws",
            ["Stomp__AllowedOrigins__0"] = "app.example.org",
            ["Stomp__MaxFrameBytes"] = "many",
            ["Stomp__LoginTimeout"] = "00:00:00",
            ["Stomp__MaxUnconfirmedBytes"] = "0",
            ["Stomp__NoSuchSetting"] = "1",
            ["Stomp__Tcp__Enabled"] = "true",
            ["Stomp__Tcp__Address"] = "edge.example.org",
            ["Stomp__Tls__Enabled"] = "true",
            ["Stomp__Tls__Port"] = "70000",
            ["Proxies__Networks__0"] = "10.0.0.0/99",
            ["Proxies__ProxyProtocolPorts__0"] = "0",
            ["Links__Lanes"] = "0",
            ["Cluster__Gateways__0"] = "silo",
            ["Publishing__MaxChannels"] = "0",
            ["ConnectionStrings__RabbitMq"] = "http://user:secret@host",
        };
        await using var edge = NodeProcess.StartProject("Edge", settings, _folder.File("edge.log"));
        await Wait.Until(() => edge.HasExited, "the edge to refuse to start");
        Assert.Equal(1, edge.ExitCode);
        foreach (
            var setting in (string[])
                [
                    "Stomp:Path",
                    "Stomp:AllowedOrigins:0",
                    "Stomp:MaxFrameBytes",
                    "Stomp:LoginTimeout",
                    "Stomp:MaxUnconfirmedBytes",
                    "Stomp:NoSuchSetting",
                    "Stomp:Tcp:Address",
                    "Stomp:Tls:Port",
                    "Kestrel:Certificates:Default:Path",
                    "Proxies:Networks:0",
                    "Proxies:ProxyProtocolPorts:0",
                    "Links:Lanes",
                    "Cluster:Gateways:0",
                    "Publishing:MaxChannels",
                    "ConnectionStrings:RabbitMq",
                ]
        )
            Assert.Contains($"fault: {setting}", edge.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", edge.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Origin_ThatIsNotAllowed_IsForbidden()
    {
        await using var edge = await EdgeProcess.StartAsync(
            FreePort.Next(),
            settings: [("Stomp__AllowedOrigins__0", "https://app.example.org"), ("Stomp__Path", "/stomp")]
        );
        var address = new Uri(edge.StompAddress, "/stomp");
        await using (await WireClient.OpenAsync(address, origin: "https://app.example.org"))
        await using (await WireClient.OpenAsync(address))
        {
            // Both are let in.
        }
        var refused = await Assert.ThrowsAsync<WebSocketException>(() => WireClient.OpenAsync(address, origin: "https://evil.example.org"));
        Assert.Contains("403", refused.Message, StringComparison.Ordinal);
    }
}
