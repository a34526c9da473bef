using System.Net;
using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Connections.Proxies;

/// <summary>The client's address, from listed proxies and from nobody else; the authority is asked with it.</summary>
[Collection(TransportCollection.Name)]
public sealed class ProxyTests(TransportFixture fixture)
{
    private const string Proxy = TransportFixture.Proxy;

    private readonly string _user = $"u{Guid.NewGuid():n}";

    public static TheoryData<byte[], string> Headers =>
        new()
        {
            { Line("PROXY TCP4 203.0.113.7 192.0.2.1 50000 61613"), "203.0.113.7" },
            { Line("PROXY TCP6 2001:db8::7 2001:db8::1 50000 61613"), "2001:db8::7" },
            { Line("PROXY UNKNOWN"), Proxy },
            { Binary(0x21, 0x11, [203, 0, 113, 7, 192, 0, 2, 1, 0xC3, 0x50, 0xF0, 0xAD]), "203.0.113.7" },
            // With what a proxy adds: a TLV.
            { Binary(0x21, 0x11, [203, 0, 113, 8, 192, 0, 2, 1, 0xC3, 0x50, 0xF0, 0xAD, 0x04, 0, 3, 1, 2, 3]), "203.0.113.8" },
            {
                Binary(
                    0x21,
                    0x21,
                    [.. IPAddress.Parse("2001:db8::9").GetAddressBytes(), .. IPAddress.Parse("2001:db8::1").GetAddressBytes(), 0xC3, 0x50, 0xF0, 0xAD]
                ),
                "2001:db8::9"
            },
            { Binary(0x20, 0, []), Proxy },
        };

    [Theory, MemberData(nameof(Headers))]
    public async Task ProxyHeader_OfAListedProxy_TellsTheAddress(byte[] header, string address)
    {
        await using var client = await SocketClient.OpenAsync(fixture.TcpPort, from: Proxy);
        await client.TrickleAsync(header);
        await client.SignInAsync(_user);
        AskedFor(address);
    }

    [Fact]
    public async Task ProxyHeader_ComesBeforeTls()
    {
        await using var client = await SocketClient.OpenAsync(
            fixture.TlsPort,
            "edge.test",
            from: Proxy,
            first: Line("PROXY TCP4 203.0.113.7 192.0.2.1 50000 61614")
        );
        await client.SignInAsync(_user);
        AskedFor("203.0.113.7");
    }

    [Fact]
    public async Task ProxyHeader_ComesBeforeHttp()
    {
        await using var client = await WireClient.OpenAsync(fixture.Edge.StompAddress, from: Proxy, first: Line("PROXY TCP4 203.0.113.7 192.0.2.1 50000 80"));
        await SignInAsync(client);
        AskedFor("203.0.113.7");
    }

    [Theory]
    [InlineData("CONNECT\n\n\0")]
    [InlineData("PROXY TCP4 nobody 192.0.2.1 50000 61613\r\n")]
    [InlineData("PROXY TCP4 203.0.113.7 192.0.2.1 50000 61613 and so on, and so on, and so on, and so on, and so on, and so on, and so on")]
    public async Task ListedProxy_WithoutAHeaderThatCanBeRead_IsCut(string first)
    {
        await using var client = await SocketClient.OpenAsync(fixture.TcpPort, from: Proxy, first: Encoding.ASCII.GetBytes(first));
        await Assert.ThrowsAnyAsync<Exception>(() => client.FrameAsync("ERROR"));
    }

    [Fact]
    public async Task ProxyHeader_OfAnybodyElse_IsNoFrame()
    {
        await using var client = await SocketClient.OpenAsync(fixture.TcpPort, first: Line("PROXY TCP4 203.0.113.7 192.0.2.1 50000 61613"));
        await client.FrameAsync("ERROR");
        await client.EndedAsync();
    }

    [Theory]
    [InlineData("203.0.113.7", "203.0.113.7")]
    [InlineData("203.0.113.7, 198.51.100.1", "198.51.100.1")]
    [InlineData("198.51.100.1, 127.0.0.2", "198.51.100.1")]
    public async Task ForwardedFor_OfAListedProxy_TellsTheLastAddressThatIsNoListedProxy(string forwarded, string address)
    {
        await using var client = await WireClient.OpenAsync(
            fixture.Edge.StompAddress,
            headers: [("X-Forwarded-For", forwarded)],
            from: Proxy,
            first: Line("PROXY UNKNOWN")
        );
        await SignInAsync(client);
        AskedFor(address);
    }

    [Fact]
    public async Task ForwardedFor_OfAnybodyElse_DoesNotCount()
    {
        await using var client = await WireClient.OpenAsync(fixture.Edge.StompAddress, headers: [("X-Forwarded-For", "203.0.113.7")]);
        await SignInAsync(client);
        AskedFor("127.0.0.1");
    }

    [Fact]
    public async Task Client_WithoutAnAddress_IsNotTakenForTheInsideOfTheBroker()
    {
        using var folder = new TemporaryFolder();
        var (port, path) = (FreePort.Next(), folder.File("edge.sock"));
        // It knows one edge at a time.
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(
            silo.GatewayPort,
            port: port,
            settings: [("Kestrel__Endpoints__Http__Url", $"http://127.0.0.1:{port}"), ("Kestrel__Endpoints__Unix__Url", $"http://unix:{path}")]
        );
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.OpenAsync(edge.StompAddress, path: path);
        await SignInAsync(client);
        // The authority looks for an address in it, and finds none in any range; for nothing at all, or "unknown", there are none to look in.
        Assert.Equal("none", Assert.Single(silo.VhostQuestions).Ip);
    }

    private async Task SignInAsync(WireClient client)
    {
        await client.SendAsync($"CONNECT\naccept-version:1.2\nlogin:{_user}\npasscode:token-{_user}\n\n\0");
        await client.FrameAsync("CONNECTED");
    }

    private void AskedFor(string address) => Assert.Equal(address, Assert.Single(fixture.Silo.VhostQuestions, question => question.Username == _user).Ip);

    private static byte[] Line(string text) => Encoding.ASCII.GetBytes($"{text}\r\n");

    private static byte[] Binary(byte command, byte family, byte[] rest) =>
        [.. "\r\n\r\n\0\r\nQUIT\n"u8, command, family, (byte)(rest.Length >> 8), (byte)rest.Length, .. rest];
}
