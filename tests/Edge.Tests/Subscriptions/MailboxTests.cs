using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Tests.Subscriptions;

/// <summary>Subscriptions to the user's own mailbox: what the shard is told, what the client gets, what the silo hears of it.</summary>
public sealed class MailboxTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    private ScriptedSilo Silo => fixture.Silo;

    [Theory]
    [InlineData("user.{0}.#", "1000", 256 * 1024)]
    [InlineData("user.{0}.*.done", "1000", 256 * 1024)]
    [InlineData("user.{0}", "7", 256 * 1024)]
    public async Task Subscribe_InsideTheUsersOwnKeys_RegistersWithHisShard(string pattern, string prefetch, int bytes)
    {
        var user = NewUser();
        pattern = string.Format(null, pattern, user);
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/{pattern}", more: $"prefetch-count:{prefetch}");
        var registered = Assert.Single(Silo.Registrations, request => request.Subscriptions.Any(subscription => subscription.User == user));
        var subscription = Assert.Single(registered.Subscriptions);
        Assert.Equal(("notifications", pattern), (subscription.Exchange, subscription.Pattern));
        Assert.Equal((int.Parse(prefetch), bytes), (subscription.MaxMessages, subscription.MaxBytes));
    }

    [Fact]
    public async Task Message_ThatComesWhileItSubscribes_IsWrittenBehindTheReceipt()
    {
        var user = NewUser();
        var pushed = new TaskCompletionSource();
        Silo.AnswerDurables = request =>
        {
            if (request.Subscriptions.Any(subscription => subscription.User == user))
                pushed.Task.Wait(TimeSpan.FromSeconds(60));
            return default;
        };
        try
        {
            await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
            var subscribing = client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
            await PushAsync(user, Message("early"));
            pushed.SetResult();
            await subscribing;
            Assert.Equal("early", (await client.FrameAsync("MESSAGE")).Body);
        }
        finally
        {
            Silo.AnswerDurables = _ => default;
        }
    }

    [Fact]
    public async Task Message_HasHeadersInTheReferencesOrder()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", id: "sub-7", more: "ack:client");
        await PushAsync(user, Message("häl\"lo", ("x-a", "1:2"), ("content-type", "text/plain"), ("persistent", "true")), draft =>
        {
            draft.Place = new Place(1, 77);
            draft.Dropped = 3;
            draft.Redelivered = true;
        });
        var message = await client.FrameAsync("MESSAGE");
        Assert.Equal("subscription destination message-id redelivered ack x-offset x-dropped x-a content-type persistent content-length", message.Names);
        Assert.Equal(("sub-7", "/exchange/notifications/user.me", "true"), (message["subscription"], message["destination"], message["redelivered"]));
        Assert.Equal(("1-77", "3", "1:2"), (message["x-offset"], message["x-dropped"], message["x-a"]));
        Assert.Equal(message["message-id"], message["ack"]);
        Assert.Matches("^T_sub-7@@session-[A-Za-z0-9_-]{22}@@1$", message["ack"]);
        Assert.Equal(("häl\"lo", "7"), (message.Body, message["content-length"]));
    }

    [Fact]
    public async Task Message_OfAutoSubscription_HasNoAckAndIsSettledWhenWritten()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        await PushAsync(user, Message("x"), draft => draft.Place = new Place(1, 5));
        var message = await client.FrameAsync("MESSAGE");
        Assert.Equal("subscription destination message-id redelivered x-offset content-length", message.Names);
        Assert.Equal([new Settlement(user, (await Silo.RegisteredAsync(user)).Id, new Place(1, 5), SettlementOutcome.Settled)], await SettledAsync(user, 1));
    }

    [Theory]
    [InlineData("plain", true)]
    [InlineData("\uFFFF", true)]
    [InlineData(null, false)]
    public async Task Message_IsTextWhenItIsUtf8AndElseBinary(string? body, bool isText)
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        var bytes = body is null ? [.. Enumerable.Range(0, 256).Select(octet => (byte)octet)] : Encoding.UTF8.GetBytes(body);
        await PushAsync(user, Messages.Notification($"user.{user}", bytes));
        var message = await client.FrameAsync("MESSAGE");
        Assert.Equal(isText, message.IsText);
        Assert.Equal(bytes, message.Frame.Body.ToArray());
    }

    [Fact]
    public async Task PublishersHeaders_CannotSpeakInOurName()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", id: "real");
        await PushAsync(
            user,
            Message("body", ("subscription", "fake"), ("x-offset", "9-9"), ("x-dropped", "9"), ("content-length", "1"), ("destination", "/fake"))
        );
        var message = await client.FrameAsync("MESSAGE");
        Assert.Equal(("real", "4"), (message["subscription"], message["content-length"]));
        Assert.NotEqual("9-9", message["x-offset"]);
        Assert.Null(message["x-dropped"]);
    }

    [Theory]
    [InlineData("1.0")]
    [InlineData("1.1")]
    [InlineData("1.2")]
    public async Task PublishersHeaders_CannotSpeakWhereWeSayNothing(string version)
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user, version);
        // Without an id, and with nothing to acknowledge.
        await client.AskAsync($"SUBSCRIBE\ndestination:/exchange/notifications/user.{user}.#");
        string[] ours = ["subscription", "destination", "message-id", "redelivered", "ack", "x-offset", "x-dropped", "x-retained"];
        await PushAsync(user, Message("body", [.. ours.Select(name => (name, "fake")), ("x-other", "real")]));
        var message = await client.FrameAsync("MESSAGE");
        Assert.DoesNotContain("fake", message.Text, StringComparison.Ordinal);
        Assert.Equal("real", message["x-other"]);
    }

    [Fact]
    public async Task Ack_WithAckClient_CoversAllSubscriptionsOfTheSession()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.a", id: "a", more: "ack:client");
        var a = await Silo.RegisteredAsync(user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.b", id: "b", more: "ack:client-individual");
        var b = await Silo.RegisteredAsync(user);
        var ids = new List<string>();
        foreach (var subscription in (MailboxSubscription[])[a, b, a, b])
        {
            await Silo.PushAsync(subscription, Message("x"));
            ids.Add((await client.FrameAsync("MESSAGE"))["ack"]!);
        }

        await client.AskAsync($"ACK\nid:{ids[2]}");
        Assert.Equal([a.Id, b.Id, a.Id], (await SettledAsync(user, 3)).Select(settlement => settlement.Subscription));
        await client.AskAsync($"ACK\nid:{ids[3]}");
        Assert.Equal(b.Id, (await SettledAsync(user, 4))[^1].Subscription);
    }

    [Fact]
    public async Task Ack_WithAckClientIndividual_CoversItsMessage()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", more: "ack:client-individual");
        var ids = new List<string>();
        for (var i = 1; i <= 3; i++)
        {
            await PushAsync(user, Message("x"), draft => draft.Place = new Place(1, i));
            ids.Add((await client.FrameAsync("MESSAGE"))["ack"]!);
        }
        await client.AskAsync($"ACK\nid:{ids[1]}");
        await client.AskAsync($"NACK\nid:{ids[2]}");
        await client.AskAsync($"NACK\nid:{ids[0]}\nrequeue:false");
        Assert.Equal(
            [(2, SettlementOutcome.Settled), (3, SettlementOutcome.Requeued), (1, SettlementOutcome.Rejected)],
            (await SettledAsync(user, 3)).Select(settlement => (settlement.Place.Number, settlement.Outcome))
        );
    }

    [Theory]
    [InlineData("1.1")]
    [InlineData("1.0")]
    public async Task Ack_BeforeStomp12_NamesTheMessageId(string version)
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user, version);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", more: "ack:client");
        await PushAsync(user, Message("x"));
        var message = await client.FrameAsync("MESSAGE");
        Assert.Null(message["ack"]);
        await client.AskAsync($"ACK\nsubscription:1\nmessage-id:{message["message-id"]}");
        await SettledAsync(user, 1);
    }

    [Fact]
    public async Task Ack_ThatIsWrong_IsToldAndHarmless()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", more: "ack:client");
        await PushAsync(user, Message("x"));
        var id = (await client.FrameAsync("MESSAGE"))["ack"]!;
        await client.AskAsync($"ACK\nid:{id}");
        await client.SendAsync($"ACK\nid:{id}\nreceipt:r\n\n\0");
        var error = await client.ErrorAsync("Message not found");
        Assert.Equal(("unknown delivery tag 1\n", "r"), (error.Body, error["receipt-id"]));
        await client.SendAsync("ACK\n\n\0");
        Assert.Equal("\"ACK\" must include the \"id\" header\n", (await client.ErrorAsync("Missing header")).Body);
        await client.SendAsync($"NACK\nid:{id.Replace("session-", "session_", StringComparison.Ordinal)}\n\n\0");
        Assert.Equal("\"NACK\" must include a valid \"id\" header\n", (await client.ErrorAsync("Invalid header")).Body);
        await client.AskAsync("BEGIN\ntransaction:t");
    }

    [Fact]
    public async Task Ack_InATransaction_CountsWithItsCommit()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", more: "ack:client-individual");
        for (var i = 1; i <= 2; i++)
            await PushAsync(user, Message("x"), draft => draft.Place = new Place(1, i));
        var first = (await client.FrameAsync("MESSAGE"))["ack"]!;
        var second = (await client.FrameAsync("MESSAGE"))["ack"]!;
        await client.AskAsync("BEGIN\ntransaction:a");
        await client.AskAsync($"ACK\nid:{first}\ntransaction:a");
        await client.AskAsync("ABORT\ntransaction:a");
        await client.AskAsync("BEGIN\ntransaction:b");
        await client.AskAsync($"ACK\nid:{second}\ntransaction:b");
        await client.AskAsync("COMMIT\ntransaction:b");
        Assert.Equal(2, Assert.Single(await SettledAsync(user, 1)).Place.Number);
    }

    [Theory]
    [InlineData("UNSUBSCRIBE\nid:1\nreceipt:r\n\n\0", false)]
    [InlineData("DISCONNECT\nreceipt:r\n\n\0", false)]
    [InlineData("NONSENSE\n\n\0", false)]
    [InlineData("1000", false)]
    [InlineData("1001", true)]
    [InlineData("4000", true)]
    [InlineData(null, true)]
    public async Task Subscription_ThatEnds_IsUnregisteredAndKeptWhenItsSessionWasLost(string? end, bool lost)
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", more: "ack:client");
        var subscription = await Silo.RegisteredAsync(user);
        if (end is null)
            client.Abort();
        else if (int.TryParse(end, out var code))
            await client.CloseAsync(code);
        else
            await client.SendAsync(end);
        Assert.Equal(lost, (await Silo.UnregisteredAsync(subscription)).Lost);
    }

    [Fact]
    public async Task Unsubscribe_EndsDeliveryAndFreesTheId()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        var former = await Silo.RegisteredAsync(user);
        await client.AskAsync("UNSUBSCRIBE\nid:1");
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        Assert.Equal(PushReply.Accepted, await Silo.PushAsync(former, Message("late")));
        await PushAsync(user, Message("new"));
        Assert.Equal("new", (await client.FrameAsync("MESSAGE")).Body);
    }

    [Fact]
    public async Task Push_OfAnotherUsersMessage_IsNeverWritten()
    {
        var user = NewUser();
        fixture.Edge.ExpectedErrors.Add("has pushed a message of another user");
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        await PushAsync(user, Message("secret"), draft => draft.User = "mallory");
        await PushAsync(user, Message("mine"));
        Assert.Equal("mine", (await client.FrameAsync("MESSAGE")).Body);
        Assert.True(await fixture.Edge.MetricAsync("notifyorleans_edge_links_dropped_total", "foreign_user") >= 1);
    }

    [Fact]
    public async Task Push_WithAnOlderShardEpoch_IsDropped()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        await PushAsync(user, Message("new owner"), draft => draft.ShardEpoch = 9);
        await PushAsync(user, Message("old owner"), draft => draft.ShardEpoch = 8);
        await PushAsync(user, Message("new owner again"), draft => draft.ShardEpoch = 9);
        Assert.Equal("new owner", (await client.FrameAsync("MESSAGE")).Body);
        Assert.Equal("new owner again", (await client.FrameAsync("MESSAGE")).Body);
    }

    [Fact]
    public async Task Batches_ThatOvertakeOrRepeat_AreDeliveredOnceAndInOrder()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#");
        var subscription = await Silo.RegisteredAsync(user);
        var link = Silo.Link;
        var batches = Enumerable
            .Range(0, 10)
            .Select(i =>
            {
                var push = new MailboxPush(subscription.Id, user, Silo.Epoch, new Place(Silo.Epoch, i), false, 0, Message($"{i}"));
                return link.Batch(subscription.Lane, link.NextSequence(subscription.Lane), [push], []);
            })
            .ToArray();
        foreach (var i in (int[])[3, 1, 1, 2, 9, 8, 0, 0, 3, 7, 6, 5, 4, 9])
            Assert.Equal(PushReply.Accepted, await link.SendAsync(batches[i]));
        for (var i = 0; i < 10; i++)
            Assert.Equal($"{i}", (await client.FrameAsync("MESSAGE")).Body);
        await SettledAsync(user, 10);
        Assert.False(client.HasMore);
    }

    [Fact]
    public async Task Subscribe_Twice_GetsTheMessageForEachId()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", id: "a");
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", id: "b");
        await client.SendAsync($"SUBSCRIBE\nid:b\ndestination:/exchange/notifications/user.{user}.#\n\n\0");
        Assert.Equal("A subscription identified by 'T_b' already exists.", (await client.ErrorAsync("Duplicated subscription identifier")).Body);
        await client.ClosedAsync(4409);
    }

    [Fact]
    public async Task MessageId_WithAnIdOfAnyCharacters_NeedsNoEscapes()
    {
        var user = NewUser();
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, user);
        await client.SubscribeAsync($"/exchange/notifications/user.{user}.#", id: "a\\cb\\\\c\\n@@d", more: "ack:client");
        await PushAsync(user, Message("x"));
        var message = await client.FrameAsync("MESSAGE");
        Assert.Equal("a:b\\c\n@@d", message["subscription"]);
        Assert.StartsWith("T_a_b_c_@@d@@session-", message["ack"], StringComparison.Ordinal);
        await client.AskAsync($"ACK\nid:{message["ack"]}");
        await SettledAsync(user, 1);
    }

    private static string NewUser() => $"u{Guid.NewGuid():n}";

    private static Notification Message(string body, params (string Name, string Value)[] headers) => Messages.Notification("user.me", body, headers: headers);

    private async Task PushAsync(string user, Notification notification, Action<PushDraft>? change = null) =>
        Assert.Equal(PushReply.Accepted, await Silo.PushAsync(await Silo.RegisteredAsync(user), notification, change));

    private async Task<Settlement[]> SettledAsync(string user, int count)
    {
        var settled = await Silo.SettledAsync(user, count);
        Assert.Equal(count, settled.Length);
        return settled;
    }
}
