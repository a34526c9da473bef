using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Tests.Subscriptions;

/// <summary>Durable subscriptions to one's own messages, as the edge tells the silo of them.</summary>
public sealed class DurableMailboxTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>, IDisposable
{
    private const string Subscribe = "SUBSCRIBE\nid:phone\ndestination:/exchange/notifications/user.{0}.#\ndurable:true\nauto-delete:false\nreceipt:s\n\n\0";
    private const string Unsubscribe = "UNSUBSCRIBE\nid:phone\ndurable:true\nauto-delete:false\nreceipt:u\n\n\0";

    private readonly string _user = $"u{Guid.NewGuid():n}"[..9];

    private ScriptedSilo Silo => fixture.Silo;

    private string Mailbox => MailboxKey.OfDurable(_user, MailboxKey.NameOf("notifications", $"user.{_user}.#", "phone"));

    public void Dispose() => (Silo.AnswerDurables, Silo.EndedDurables, Silo.RefusesToForget) = (_ => default, _ => null, false);

    [Fact]
    public async Task Subscribe_HasAMailboxOfItsOwn_AndUnsubscribeWithTheSameHeadersEndsIt()
    {
        await using var client = await SubscribedAsync();
        var registered = await Silo.RegisteredAsync(Mailbox);
        Assert.Equal($"user.{_user}.#", registered.Pattern);

        Silo.RefusesToForget = true;
        await client.SendAsync(Unsubscribe);
        await Silo.UnregisteredAsync(registered);
        Assert.DoesNotContain(Mailbox, Silo.Forgotten);
        Silo.RefusesToForget = false;

        Assert.Equal("u", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        Assert.Contains(Mailbox, Silo.Forgotten);
    }

    [Theory]
    [InlineData("")]
    [InlineData("durable:true\nauto-delete:true\n")]
    public async Task Unsubscribe_WithDurableHeadersFromTheUsersOwnMailbox_EndsTheSubscriptionAlone(string headers)
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, _user);
        await client.SendAsync($"SUBSCRIBE\nid:phone\ndestination:/exchange/notifications/user.{_user}.#\n{headers}receipt:s\n\n\0");
        Assert.Equal("s", (await client.FrameAsync("RECEIPT"))["receipt-id"]);

        await client.SendAsync(Unsubscribe);

        Assert.Equal("u", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        await Silo.UnregisteredAsync(await Silo.RegisteredAsync(_user));
        Assert.DoesNotContain(_user, Silo.Forgotten);
    }

    [Fact]
    public async Task Subscribe_TooManyOfTheUser_IsRefused()
    {
        Silo.AnswerDurables = request =>
            ([.. request.Subscriptions.Where(subscription => subscription.User == Mailbox).Select(subscription => subscription.Id)], null);
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, _user);
        await client.SendAsync(string.Format(null, Subscribe, _user));

        Assert.Equal("There are too many durable subscriptions of this user\n", (await client.ErrorAsync("Limit exceeded")).Body);
        await client.ClosedAsync(1008);
    }

    [Fact]
    public async Task Subscribe_CannotBeWrittenDownYet_IsAskedForAgain()
    {
        var asked = 0;
        Silo.AnswerDurables = request =>
            request.Subscriptions.FirstOrDefault(subscription => subscription.User == Mailbox) is { } own && Interlocked.Increment(ref asked) < 3
                ? (null, [own.Id])
                : default;

        await using var client = await SubscribedAsync();

        Assert.Equal(3, asked);
    }

    [Fact]
    public async Task Push_ThatItWasEndedElsewhere_IsToldAndTheSessionGoesOn()
    {
        await using var client = await SubscribedAsync();

        await Silo.PushAsync(await Silo.RegisteredAsync(Mailbox), new Notification { Exchange = "", RoutingKey = "" }, draft => draft.IsEnd = true);

        await client.ErrorAsync("Server cancelled subscription");
        await client.SubscribeAsync("/topic/topic.still-there");
    }

    [Fact]
    public async Task RegisteredAgain_ItWasEndedElsewhereMeanwhile_IsToldAndTheSessionGoesOn()
    {
        await using var client = await SubscribedAsync();
        var registered = await Silo.RegisteredAsync(Mailbox);
        Silo.EndedDurables = request =>
            [
                .. request
                    .Subscriptions.Where(subscription => subscription is { LastEpoch: not 0 } && subscription.Id == registered.Id)
                    .Select(subscription => subscription.Id),
            ];

        // It is not where it was, and so everything of the shard is registered again.
        Silo.HostedShards = [new HostedShard((ShardMap.ShardOf(Mailbox) + 1) % ShardMap.Shards, 1)];

        await client.ErrorAsync("Server cancelled subscription");
        await client.SubscribeAsync("/topic/topic.still-there");
        await Silo.UnregisteredAsync(registered);
    }

    private async Task<WireClient> SubscribedAsync()
    {
        var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, _user);
        await client.SendAsync(string.Format(null, Subscribe, _user));
        Assert.Equal("s", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        return client;
    }
}
