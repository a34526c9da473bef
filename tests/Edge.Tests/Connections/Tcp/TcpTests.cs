using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Connections.Tcp;

/// <summary>The same sessions without WebSocket: over a plain socket, and over TLS.</summary>
[Collection(TransportCollection.Name)]
public sealed class TcpTests(TransportFixture fixture)
{
    private readonly string _user = $"u{Guid.NewGuid():n}";

    private ScriptedSilo Silo => fixture.Silo;

    [Theory, InlineData(false), InlineData(true)]
    public async Task Session_FromConnectToDisconnect_IsAsOverWebSocket(bool tls)
    {
        await using var client = await ConnectAsync(tls);
        var subscription = await SubscribeAsync(client, "ack:client-individual");
        await Silo.PushAsync(subscription, Message(10));
        var message = await client.FrameAsync("MESSAGE");
        Assert.Equal(10, message.Body.Length);
        await client.AskAsync($"ACK\nid:{message["ack"]}");
        Assert.Equal(SettlementOutcome.Settled, Assert.Single(await SettledAsync(1)).Outcome);
        await client.AskAsync("DISCONNECT");
        await client.EndedAsync();
        Assert.False((await Silo.UnregisteredAsync(subscription)).Lost);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Connect_WithWrongToken_GetsItsErrorThenTheEnd_ThoughMoreWasSent(bool tls)
    {
        await using var client = await OpenAsync(tls);
        await client.SendAsync($"CONNECT\naccept-version:1.2\nlogin:{_user}\npasscode:wrong\n\n\0SEND\ndestination:/topic/x\n\n\0");
        Assert.Equal("Bad CONNECT", (await client.FrameAsync("ERROR"))["message"]);
        await client.EndedAsync();
    }

    [Theory]
    [InlineData(false, "push.example.org", "CONNECTED")]
    [InlineData(false, "edge.test", "ERROR")]
    public async Task Host_IsOneOfTheSettings_OrNamesNoVhost(bool tls, string host, string answer)
    {
        await using var client = await OpenAsync(tls);
        await client.SendAsync($"CONNECT\naccept-version:1.2\nhost:{host}\nlogin:{_user}\npasscode:token-{_user}\n\n\0");
        await client.FrameAsync(answer);
    }

    [Fact]
    public async Task Login_ThatDoesNotCome_EndsTheConnection()
    {
        await using var client = await OpenAsync(tls: false);
        Assert.Equal("Login timeout", (await client.FrameAsync("ERROR"))["message"]);
        await client.EndedAsync();
    }

    [Fact]
    public async Task Frame_OverTheLimitBeforeLogin_IsRefused()
    {
        await using var client = await OpenAsync(tls: false);
        await client.SendAsync($"CONNECT\n\n{new string('x', 64 * 1024)}");
        Assert.Equal("Frame too large", (await client.FrameAsync("ERROR"))["message"]);
        await client.EndedAsync();
    }

    [Fact]
    public async Task HeartBeats_GoBothWays_AndASilentClientIsClosed()
    {
        await using var client = await ConnectAsync(tls: false, heartBeat: "1000,1000");
        await client.BeatAsync();
        Assert.Equal("No heart-beat", (await client.FrameAsync("ERROR"))["message"]);
        await client.EndedAsync();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Message_OfAckAuto_IsSettledWhenTheClientsKernelHasIt(bool tls)
    {
        await using var client = await ConnectAsync(tls);
        var subscription = await SubscribeAsync(client);
        for (var i = 0; i < 3; i++)
        {
            await Silo.PushAsync(subscription, Message(100_000));
            await client.FrameAsync("MESSAGE");
            await SettledAsync(i + 1);
        }
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Messages_OfAClientThatDoesNotRead_AreNotSettled_AndItIsClosed(bool tls)
    {
        var closed = await ClosedAsync("not_reading");
        await using var client = await ConnectAsync(tls, receiveBuffer: 4096);
        var subscription = await SubscribeAsync(client);
        // Our kernel takes the first as a whole, the client's does not.
        for (var i = 0; i < 3; i++)
            await Silo.PushAsync(subscription, Message(256 * 1024));
        await Wait.Until(async () => await ClosedAsync("not_reading") == closed + 1, "not_reading in the metrics");
        Assert.True((await Silo.UnregisteredAsync(subscription)).Lost);
        Assert.Empty(Settled());
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task Disconnect_SettlesWhatHasArrived_ThoughTheClientIsGoneAtOnce(bool tls)
    {
        await using var client = await ConnectAsync(tls);
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message(10));
        await client.FrameAsync("MESSAGE");
        await Silo.PushAsync(subscription, Message(10));
        await client.FrameAsync("MESSAGE");
        await client.SendAsync("DISCONNECT\n\n\0");
        client.EndSending();
        await Silo.UnregisteredAsync(subscription);
        Assert.Equal(2, Settled().Length);
    }

    [Fact]
    public async Task End_WithoutDisconnect_LeavesTheSubscriptionForTheNextSession()
    {
        await using var client = await ConnectAsync(tls: false);
        var subscription = await SubscribeAsync(client);
        client.EndSending();
        Assert.True((await Silo.UnregisteredAsync(subscription)).Lost);
        await client.EndedAsync();
    }

    [Fact]
    public async Task WebSocket_IsServedBesideIt()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, _user);
    }

    private Task<SocketClient> OpenAsync(bool tls, int receiveBuffer = 0) =>
        SocketClient.OpenAsync(tls ? fixture.TlsPort : fixture.TcpPort, tls ? "edge.test" : null, receiveBuffer);

    private async Task<SocketClient> ConnectAsync(bool tls, string heartBeat = "0,0", int receiveBuffer = 0) =>
        await (await OpenAsync(tls, receiveBuffer)).SignInAsync(_user, heartBeat: heartBeat);

    private async Task<MailboxSubscription> SubscribeAsync(SocketClient client, string more = "")
    {
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#", more);
        return await Silo.RegisteredAsync(_user);
    }

    private static Notification Message(int bytes) => Messages.Notification("user.me", new byte[bytes], persistent: true);

    private Settlement[] Settled() => Silo.SettledOf(_user);

    private Task<Settlement[]> SettledAsync(int count) => Silo.SettledAsync(_user, count);

    private Task<double> ClosedAsync(string reason) => fixture.Edge.MetricAsync("notifyorleans_edge_connections_closed_total", $"reason=\"{reason}\"");
}
