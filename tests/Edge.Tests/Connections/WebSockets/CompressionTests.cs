using System.IO.Compression;
using System.Net.WebSockets;
using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;

namespace NotifyOrleans.Edge.Tests.Connections.WebSockets;

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
        await fixture.Silo.PushAsync(subscription, Messages.Notification("user.me", new byte[100_000], persistent: true));
        var (opcode, payload) = await client.NextAsync("MESSAGE");
        Assert.Equal((WebSocketOpcode.Text, true), (opcode, client.IsCompressed));
        Assert.InRange(payload.Length, 1, 1000);
        Assert.StartsWith("MESSAGE\n", Inflate(payload));
        await client.PongAsync(await client.PingAsync());
        await fixture.Silo.SettledAsync(_user, 1);
    }

    [Theory]
    [InlineData(15)]
    [InlineData(10)]
    public async Task LargeTopicMessage_IsCompressed_AndWholeForEveryWindow(int windowBits)
    {
        var key = $"topic.{Guid.NewGuid():n}";
        var body = string.Concat(Enumerable.Range(0, 20_000).Select(number => $"{number},"));
        await using var raw = await RawClient.ConnectAsync(
            fixture.Edge.StompAddress,
            _user,
            extensions: $"permessage-deflate; server_max_window_bits={windowBits}"
        );
        await raw.SubscribeAsync($"/exchange/notifications/{key}");
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions { ServerMaxWindowBits = windowBits };
        await socket.ConnectAsync(fixture.Edge.StompAddress, CancellationToken.None);
        await AskAsync(socket, $"CONNECT\naccept-version:1.2\nlogin:{_user}\npasscode:token-{_user}\n\n\0");
        await AskAsync(socket, $"SUBSCRIBE\nid:of-the-other\nack:client\ndestination:/exchange/notifications/{key}\nreceipt:r\n\n\0");

        await fixture.Silo.PushAsync(Messages.Notification(key, body));

        var (_, payload) = await raw.NextAsync("MESSAGE");
        Assert.True(raw.IsCompressed && payload.Length < body.Length / 2, $"{payload.Length} bytes");
        Assert.EndsWith($"\n\n{body}\0\n", Inflate(payload), StringComparison.Ordinal);
        await raw.PongAsync(await raw.PingAsync());
        var message = await ReceiveAsync(socket);
        Assert.StartsWith("MESSAGE\nsubscription:of-the-other\n", message, StringComparison.Ordinal);
        Assert.EndsWith($"\n\n{body}\0\n", message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_ThatCompresses_IsUnderstood()
    {
        using var socket = new ClientWebSocket();
        socket.Options.DangerousDeflateOptions = new WebSocketDeflateOptions();
        await socket.ConnectAsync(fixture.Edge.StompAddress, CancellationToken.None);
        var buffer = new byte[64 * 1024];
        foreach (
            var (frame, answer) in new[]
            {
                ($"CONNECT\naccept-version:1.2\nlogin:{_user}\npasscode:token-{_user}\nx:{new string('x', 10_000)}\n\n\0", "CONNECTED"),
                ($"BEGIN\ntransaction:t\nx:{new string('x', 10_000)}\nreceipt:r\n\n\0", "RECEIPT"),
                ($"BEGIN\ntransaction:u\nx:{new string('y', 10_000)}\nreceipt:r\n\n\0", "RECEIPT"),
            }
        )
        {
            await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
            var read = await socket.ReceiveAsync(buffer, CancellationToken.None);
            Assert.StartsWith(answer, Encoding.UTF8.GetString(buffer, 0, read.Count));
        }
    }

    private static async Task<string> AskAsync(ClientWebSocket socket, string frame)
    {
        await socket.SendAsync(Encoding.UTF8.GetBytes(frame), WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        return await ReceiveAsync(socket);
    }

    private static async Task<string> ReceiveAsync(ClientWebSocket socket)
    {
        var buffer = new byte[1 << 20];
        var length = 0;
        ValueWebSocketReceiveResult part;
        do
        {
            part = await socket.ReceiveAsync(buffer.AsMemory(length), CancellationToken.None);
            length += part.Count;
        } while (!part.EndOfMessage);
        return Encoding.UTF8.GetString(buffer, 0, length);
    }

    private static string Inflate(byte[] payload)
    {
        using var inflated = new StreamReader(new DeflateStream(new MemoryStream([.. payload, 0, 0, 0xFF, 0xFF]), CompressionMode.Decompress));
        return inflated.ReadToEnd();
    }
}
