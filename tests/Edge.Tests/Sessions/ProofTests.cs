using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Tests.Sessions;

/// <summary>Rule 6 of the delivery protocol: with <c>ack:auto</c> a message is settled when the client's side has proved to have it, and not before.</summary>
public sealed class ProofTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private readonly string _user = $"u{Guid.NewGuid():n}";

    private ScriptedSilo Silo => fixture.Silo;

    [Fact]
    public async Task Message_IsFollowedByAPing_WhosePongSettlesIt()
    {
        await using var client = await ConnectAsync();
        var earlier = await ReceiveForAckAsync(client);
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        var ping = await client.PingAsync();
        await NothingIsSettledButAsync(client, earlier);
        await client.PongAsync(ping);
        Assert.Equal(subscription.Id, (await SettledAsync(2))[1].Subscription);
    }

    [Fact]
    public async Task HeartBeatsAndOtherPongs_ProveNothing()
    {
        await using var client = await ConnectAsync();
        var earlier = await ReceiveForAckAsync(client);
        await Silo.PushAsync(await SubscribeAsync(client), Message());
        await client.FrameAsync("MESSAGE");
        var ping = await client.PingAsync();
        await client.SendAsync("\n");
        await client.PongAsync([]);
        await client.PongAsync([.. ping, 0]);
        // Of a message that was not written yet.
        await client.PongAsync([.. ping[..^1], (byte)(ping[^1] + 1)]);
        await client.PongAsync([.. Enumerable.Repeat((byte)0xFF, ping.Length)]);
        await NothingIsSettledButAsync(client, earlier);
    }

    [Fact]
    public async Task Probe_IsOneAtATime_AndTheNextCoversAllThatCameMeanwhile()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        var ping = await client.PingAsync();
        for (var i = 0; i < 5; i++)
        {
            await Silo.PushAsync(subscription, Message());
            await client.FrameAsync("MESSAGE");
        }
        await client.SyncAsync();
        await client.PongAsync(ping);
        Assert.Single(await SettledAsync(1));
        await client.PongAsync(await client.PingAsync());
        Assert.Equal(6, (await SettledAsync(6)).Length);
    }

    [Fact]
    public async Task ManyMessages_AreProvedInARoundTrip_WithoutAPause()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        var pushes = Enumerable.Range(0, 1000).Select(i => new MailboxPush(subscription.Id, _user, 1, new Place(1, 10_000 + i), false, 0, Message())).ToArray();
        await Silo.Link.SendAsync(subscription.Lane, pushes, []);
        var (messages, pings) = (0, 0);
        while (messages < pushes.Length)
        {
            var (opcode, payload) = await client.NextAsync("a message or a ping");
            if (opcode == WebSocketOpcode.Ping)
                pings++;
            else
                messages++;
            if (opcode == WebSocketOpcode.Ping)
                await client.PongAsync(payload);
        }
        Assert.InRange(pings, 1, 20);
        await client.PongAsync(await client.PingAsync());
        Assert.Equal(pushes.Select(push => push.Place), (await SettledAsync(pushes.Length)).Select(settlement => settlement.Place));
    }

    [Fact]
    public async Task Loss_BeforeTheProof_GivesTheMessageBack()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        await client.PingAsync();
        client.Abort();
        await Silo.UnregisteredAsync(subscription);
        Assert.Empty(Settled());
    }

    [Fact]
    public async Task Ack_OfALaterMessage_ProvesTheEarlierOnesOfTheSession()
    {
        await using var client = await ConnectAsync();
        var automatic = await SubscribeAsync(client, "a");
        var acknowledged = await SubscribeAsync(client, "b", "ack:client-individual");
        await Silo.PushAsync(automatic, Message());
        await client.FrameAsync("MESSAGE");
        await client.PingAsync();
        await Silo.PushAsync(acknowledged, Message());
        var later = await client.FrameAsync("MESSAGE");
        await Silo.PushAsync(automatic, Message());
        await client.FrameAsync("MESSAGE");
        await client.AskAsync($"ACK\nid:{later["ack"]}");
        Assert.Equal([acknowledged.Id, automatic.Id], (await SettledAsync(2)).Select(settlement => settlement.Subscription));
    }

    [Fact]
    public async Task Goodbye_IsPrecededByAPing_WhosePongSettlesBeforeTheSubscriptionGoes()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        var first = await client.PingAsync();
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        await client.SendAsync("DISCONNECT\nreceipt:bye\n\n\0");
        var last = await client.PingAsync();
        await client.FrameAsync("RECEIPT");
        Assert.Equal(WebSocketOpcode.Close, (await client.NextAsync("the goodbye")).Opcode);
        await client.PongAsync(first);
        await client.PongAsync(last);
        await client.CloseAsync(1000);
        await Silo.UnregisteredAsync(subscription);
        Assert.Equal(2, Settled().Length);
    }

    [Fact]
    public async Task Goodbye_OfAClientThatAnswersNothing_GivesItsMessagesBackSoon()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        await client.PingAsync();
        await client.SendAsync("DISCONNECT\n\n\0");
        Assert.Equal(WebSocketOpcode.Close, (await client.NextAsync("the goodbye")).Opcode);
        await Silo.UnregisteredAsync(subscription);
        Assert.Empty(Settled());
    }

    [Fact]
    public async Task Close_OfTheClient_MayHaveCrossedTheMessage_AndProvesNothing()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        await client.PingAsync();
        await client.CloseAsync(1000);
        await Silo.UnregisteredAsync(subscription);
        Assert.Empty(Settled());
    }

    [Fact]
    public async Task Unsubscribe_WaitsForTheProofOfTheLastMessages()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        var ping = await client.PingAsync();
        await client.AskAsync("UNSUBSCRIBE\nid:1");
        Assert.Empty(Silo.UnregisteredOf(_user));
        await client.PongAsync(ping);
        await Silo.UnregisteredAsync(subscription);
        Assert.Single(Settled());
    }

    [Fact]
    public async Task Subscription_Ends_OnlyWhenTheSiloHasHeardWhatWasSettled()
    {
        await using var client = await ConnectAsync();
        var subscription = await SubscribeAsync(client);
        await Silo.PushAsync(subscription, Message());
        await client.FrameAsync("MESSAGE");
        var heard = new TaskCompletionSource();
        Silo.Settling = heard.Task;
        await client.PongAsync(await client.PingAsync());
        await client.AskAsync("UNSUBSCRIBE\nid:1");
        // What is for another shard does not wait for it, so an edge that does not wait either would have ended the subscription by now.
        var other = Enumerable.Range(0, int.MaxValue).Select(number => $"{_user}-{number}").First(user => ShardMap.ShardOf(user) != ShardMap.ShardOf(_user));
        await using var otherClient = await RawClient.ConnectAsync(fixture.Edge.StompAddress, other);
        await otherClient.SubscribeAsync($"/exchange/notifications/user.{other}.#");
        await Silo.RegisteredAsync(other);
        Assert.Empty(Silo.UnregisteredOf(_user));
        heard.SetResult();
        await Silo.UnregisteredAsync(subscription);
        Assert.Single(Settled());
    }

    /// <summary>A message that waits for its ACK.</summary>
    /// <returns>Its id.</returns>
    private async Task<string> ReceiveForAckAsync(RawClient client)
    {
        await Silo.PushAsync(await SubscribeAsync(client, "acknowledged", "ack:client-individual"), Message());
        return (await client.FrameAsync("MESSAGE"))["ack"]!;
    }

    /// <summary>The ACK of an earlier message: when the silo has heard of it, it has heard of everything that was settled before.</summary>
    private async Task NothingIsSettledButAsync(RawClient client, string earlier)
    {
        await client.AskAsync($"ACK\nid:{earlier}");
        Assert.Single(await SettledAsync(1));
    }

    private Task<RawClient> ConnectAsync() => RawClient.ConnectAsync(fixture.Edge.StompAddress, _user);

    private async Task<MailboxSubscription> SubscribeAsync(RawClient client, string id = "1", string more = "")
    {
        await client.SubscribeAsync($"/exchange/notifications/user.{_user}.#", id, more);
        return await Silo.RegisteredAsync(_user);
    }

    private static Notification Message() => Messages.Notification("user.me", "x", persistent: true);

    private Settlement[] Settled() => Silo.SettledOf(_user);

    private Task<Settlement[]> SettledAsync(int count) => Silo.SettledAsync(_user, count);
}
