using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests;

/// <summary>permessage-deflate.</summary>
[Collection(TransportCollection.Name)]
public sealed class CompressionTests(TransportFixture fixture)
{
    private readonly string _user = $"u{Guid.NewGuid():n}";

    [Theory]
    [InlineData("permessage-deflate")]
    [InlineData("permessage-deflate; client_max_window_bits")]
    [InlineData("x-webkit-deflate-frame, permessage-deflate; server_no_context_takeover; client_no_context_takeover")]
    public async Task Compression_IsAcceptedWithoutAnyContextThatIsKept(string offer)
    {
        await using var client = await RawClient.ConnectAsync(fixture.Edge.StompAddress, _user, extensions: offer);
        var answer = Assert.Single(client.Handshake.Split("\r\n"), line => line.StartsWith("Sec-WebSocket-Extensions:", StringComparison.OrdinalIgnoreCase));
        Assert.Contains("permessage-deflate", answer, StringComparison.Ordinal);
        Assert.Contains("server_no_context_takeover", answer, StringComparison.Ordinal);
        Assert.Contains("client_no_context_takeover", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task LargeFrames_AreCompressed_SmallOnesAreNot_AndPongsProveAsEver()
    {
        await using var client = await RawClient.ConnectAsync(fixture.Edge.StompAddress, _user, extensions: "permessage-deflate");
        Assert.False(client.IsCompressed);
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#");
        var subscription = await fixture.Silo.RegisteredAsync(_user);
        await fixture.Silo.PushAsync(subscription, new Notification { Exchange = "notifications", RoutingKey = "user.me", Body = new byte[100_000], Persistent = true });
        var (opcode, payload) = await client.NextAsync("MESSAGE");
        Assert.Equal((WebSocketOpcode.Text, true), (opcode, client.IsCompressed));
        Assert.InRange(payload.Length, 1, 1000);
        Assert.StartsWith("MESSAGE\n", Inflate(payload));
        await client.PongAsync(await client.PingAsync());
        await Wait.Until(() => fixture.Silo.Settlements.Any(settlement => settlement.User == _user), "the settlement");
    }

    [Fact]
    public async Task Client_ThatCompresses_IsUnderstood()
    {
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await socket.ConnectAsync(fixture.Edge.StompAddress, CancellationToken.None);
        var buffer = new byte[64 * 1024];
        foreach (var (frame, answer) in new[]
        {
            ($"CONNECT\naccept-version:1.2\nlogin:{_user}\npasscode:token-{_user}\nx:{new string('x', 10_000)}\n\n\0", "CONNECTED"),
            ($"BEGIN\ntransaction:t\nx:{new string('x', 10_000)}\nreceipt:r\n\n\0", "RECEIPT"),
            ($"BEGIN\ntransaction:u\nx:{new string('y', 10_000)}\nreceipt:r\n\n\0", "RECEIPT"),
        })
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            var read = await socket.ReceiveAsync(buffer, CancellationToken.None);
            Assert.StartsWith(answer, Encoding.UTF8.GetString(buffer, 0, read.Count));
        }
    }

    private static string Inflate(byte[] payload)
    {
        using var inflated = new StreamReader(new DeflateStream(new MemoryStream([.. payload, 0, 0, 0xFF, 0xFF]), CompressionMode.Decompress));
        return inflated.ReadToEnd();
    }
}
