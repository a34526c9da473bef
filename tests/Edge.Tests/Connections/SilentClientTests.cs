using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Connections;

/// <summary>
/// Clients that read nothing, or have vanished without a word: found within two intervals of the ping (1 s here), or three of the heart-beat.
/// </summary>
public sealed class SilentClientTests : EdgeAtSilo
{
    private const int MaxFrame = 1024 * 1024;

    private readonly string _user = $"u{Guid.NewGuid():n}";

    protected override IEnumerable<(string Name, string Value)> Settings => [("Stomp__PingInterval", "00:00:01")];

    [Fact]
    public async Task Client_ThatAnswersNoPing_IsClosedWithItsOwnCode_AndItsMessagesGoBack()
    {
        await using var client = await RawClient.ConnectAsync(Edge.StompAddress, _user);
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#");
        var subscription = await Silo.RegisteredAsync(_user);
        await client.PingAsync();
        Assert.Equal("Not reading", (await client.FrameAsync("ERROR"))["message"]);
        var (opcode, payload) = await client.NextAsync("the goodbye");
        Assert.Equal((WebSocketOpcode.Close, 4598), (opcode, (payload[0] << 8) | payload[1]));
        Assert.True((await Silo.UnregisteredAsync(subscription)).Lost);
    }

    [Fact]
    public async Task Client_ThatAnswersPingsAndSaysNothing_StaysConnected()
    {
        await using var client = await RawClient.ConnectAsync(Edge.StompAddress, _user);
        for (var i = 0; i < 4; i++)
            await client.PongAsync(await client.PingAsync());
        await client.SyncAsync();
    }

    [Fact]
    public async Task Client_ThatBeatsAndReadsNothing_IsClosed_ThoughNoWriteIsStuck()
    {
        await using var client = await RawClient.ConnectAsync(Edge.StompAddress, _user, heartBeat: "1000,0");
        using var beats = Beats(client);
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#", more: "ack:client");
        await Silo.PushAsync(await Silo.RegisteredAsync(_user), Message(10));
        await NotReadingAsync();
    }

    [Fact]
    public async Task Client_WhoseNetworkTakesNothingMore_IsClosed()
    {
        await using var client = await RawClient.ConnectAsync(Edge.StompAddress, _user, heartBeat: "1000,0", receiveBuffer: 4096);
        using var beats = Beats(client);
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#", more: "ack:client");
        var subscription = await Silo.RegisteredAsync(_user);
        for (var i = 0; i < 8; i++)
            await Silo.PushAsync(subscription, Message(MaxFrame));
        await NotReadingAsync();
    }

    [Fact]
    public async Task Client_ThatAgreedToBeatAndVanished_IsClosedByItsHeartBeat()
    {
        // One that is not found by its ping before.
        await using var edge = await EdgeProcess.StartAsync(Silo.GatewayPort, settings: [("Stomp__PingInterval", "00:01:00")]);
        await edge.WaitForLinkAsync();
        await using var client = await RawClient.ConnectAsync(edge.StompAddress, _user, heartBeat: "1000,0");
        await Wait.Until(
            async () => await edge.MetricAsync("notifyorleans_edge_connections_closed_total", "reason=\"heart_beat_lost\"") == 1,
            "heart_beat_lost in the metrics"
        );
    }

    [Fact]
    public async Task Windows_OfAllSubscriptionsOfASession_AreBoundedTogether()
    {
        await using var client = await RawClient.ConnectAsync(Edge.StompAddress, _user);
        for (var i = 0; i < 60; i++)
            await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#", id: $"{i}", more: i % 2 == 0 ? "ack:client" : "");
        var windows = Silo.Registrations.SelectMany(request => request.Subscriptions).Select(subscription => subscription.MaxBytes).ToList();
        Assert.Equal(60, windows.Count);
        Assert.Equal(4 * 1024 * 1024, windows[0]);
        Assert.All(windows, window => Assert.True(window >= 1));
        Assert.InRange(windows.Sum(), 0, 8 * 1024 * 1024 + 60);

        // What ends makes room.
        await client.AskAsync("UNSUBSCRIBE\nid:0");
        await Wait.Until(() => Silo.UnregisteredOf(_user).Length > 0, "the subscription to be gone");
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#", id: "again");
        Assert.Equal(256 * 1024, (await Silo.RegisteredAsync(_user)).MaxBytes);
    }

    [Fact]
    public async Task Windows_OfSubscriptionsThatAreRefused_AreGivenBack()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, _user);
        foreach (var destination in (string[])["/queue/q", "/exchange/elsewhere/check.x", "/topic/topic.x"])
        {
            for (var i = 0; i < 40; i++)
            {
                await client.SendAsync($"SUBSCRIBE\nid:{i}\ndestination:{destination}\nx-queue-name:q\nx-max-length:wrong\n\n\0");
                await client.ErrorAsync("Processing error");
            }
        }
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#", more: "ack:client");
        Assert.Equal(4 * 1024 * 1024, (await Silo.RegisteredAsync(_user)).MaxBytes);
    }

    private Task NotReadingAsync() => Wait.Until(async () => await ClosedAsync("not_reading") == 1, "not_reading in the metrics");

    private Task<double> ClosedAsync(string reason) => Edge.MetricAsync("notifyorleans_edge_connections_closed_total", $"reason=\"{reason}\"");

    /// <summary>Heart-beats without an end: the client lives, but for its reading.</summary>
    private static Timer Beats(RawClient client) =>
        new(
            static async state =>
            {
                try
                {
                    await ((RawClient)state!).SendAsync("\n");
                }
                catch (IOException)
                {
                    // The edge has cut it.
                }
            },
            client,
            TimeSpan.Zero,
            TimeSpan.FromMilliseconds(300)
        );

    private static Notification Message(int bytes) => Messages.Notification("user.me", new byte[bytes], persistent: true);
}
