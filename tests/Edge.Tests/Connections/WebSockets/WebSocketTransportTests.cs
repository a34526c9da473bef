using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Tests.Connections.WebSockets;

/// <summary>What is written to a WebSocket, whatever lies beneath it, arrives whole and in order.</summary>
[Collection(TransportCollection.Name)]
public sealed class WebSocketTransportTests(TransportFixture fixture)
{
    private readonly string _user = $"u{Guid.NewGuid():n}";

    [Theory]
    [InlineData("ws", "1.1")]
    [InlineData("wss", "1.1")]
    [InlineData("wss", "2.0")]
    public async Task Messages_ArriveWholeAndInOrder(string scheme, string version)
    {
        var key = $"topic.{Guid.NewGuid():n}";
        var address = new UriBuilder(fixture.Edge.StompAddress) { Scheme = scheme, Port = scheme == "wss" ? fixture.WssPort : fixture.Edge.Port }.Uri;
        await using var client = await WireClient.OpenAsync(address, version: Version.Parse(version));
        await client.SendAsync($"CONNECT\naccept-version:1.2\nhost:/\nlogin:{_user}\npasscode:token-{_user}\n\n\0");
        await client.FrameAsync("CONNECTED");
        await client.SubscribeAsync($"/topic/{key}");
        string[] bodies = [.. Enumerable.Range(0, 30).Select(i => $"{i} {new string((char)('a' + (i % 26)), i % 3 == 0 ? 60_000 : 10)}")];
        foreach (var body in bodies)
            Assert.Equal(PushReply.Accepted, await fixture.Silo.PushAsync(Messages.Notification(key, body, exchange: "amq.topic")));
        foreach (var body in bodies)
            Assert.Equal(body, (await client.FrameAsync("MESSAGE")).Body);
        await client.AskAsync("BEGIN\ntransaction:behind-all");
    }

    [Fact]
    public async Task Connect_RightBehindTheUpgrade_IsAnsweredBehindIt()
    {
        await using var client = await RawClient.ConnectAsync(fixture.Edge.StompAddress, _user, isEager: true);
        await client.SyncAsync();
    }
}
