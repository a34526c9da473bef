using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Tests.Publishing;

/// <summary>SEND to a real broker: who may, in which order, and when its receipt comes.</summary>
public sealed class SendTests(RabbitMqBroker broker) : EdgeAtBroker(broker)
{
    [Fact]
    public async Task Send_WithReceipt_IsWithTheBrokerWhenTheReceiptComes()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.AskAsync(
            "SEND\ndestination:/topic/check.a%2Fb\ncontent-type:text/plain\nx-c:v\\ca\nx-c:second\npersistent:true\ncontent-length:3",
            "hi\0"
        );
        var got = await GetAsync();
        Assert.Equal(("amq.topic", "check.a/b", "hi\0"), (got.Exchange, got.RoutingKey, Text(got)));
        Assert.Equal(("text/plain", DeliveryModes.Persistent), (got.BasicProperties.ContentType, got.BasicProperties.DeliveryMode));
        // As in the reference the receipt's own header goes with it; what the client library would add for itself does not.
        Assert.Equal(["receipt", "x-c"], got.BasicProperties.Headers!.Keys.Order());
        Assert.Equal("v:a", Encoding.UTF8.GetString((byte[])got.BasicProperties.Headers["x-c"]!));
    }

    [Fact]
    public async Task Send_Pipelined_GetsEveryReceiptAndKeepsItsOrder()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        var frames = string.Concat(Enumerable.Range(0, 500).Select(i => $"SEND\ndestination:/topic/check.order\nreceipt:r{i}\n\n{i}\0"));
        await client.SendAsync(frames);
        var receipts = new HashSet<string>();
        for (var i = 0; i < 500; i++)
            receipts.Add((await client.FrameAsync("RECEIPT"))["receipt-id"]!);
        Assert.Equal(500, receipts.Count);
        for (var i = 0; i < 500; i++)
            Assert.Equal($"{i}", Text(await GetAsync()));
    }

    [Theory]
    [InlineData("/exchange/private/x", "access_refused", "ACCESS_REFUSED - access to exchange 'private' in vhost '{0}' refused for user 'alice'", 4403)]
    [InlineData(
        "/topic/private.x",
        "access_refused",
        "ACCESS_REFUSED - access to topic 'private.x' in exchange 'amq.topic' in vhost '{0}' refused for user 'alice'",
        4403
    )]
    [InlineData("/exchange/nope/x", "not_found", "NOT_FOUND - no exchange 'nope' in vhost '{0}'", 4404)]
    public async Task Send_ThatIsRefused_IsToldAsByTheReferenceAndClosed(string destination, string message, string body, int code)
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.SendAsync($"SEND\ndestination:{destination}\nreceipt:r\n\nx\0");
        var error = await client.ErrorAsync(message);
        Assert.Equal($"{string.Format(null, body, Vhost)}\n", error.Body);
        Assert.Equal("r", error["receipt-id"]);
        await client.ClosedAsync(code);
    }

    [Fact]
    public async Task Send_ToAMissingExchange_HurtsNobodyElse()
    {
        await using var good = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        var wrong = new List<Task>();
        for (var i = 0; i < 10; i++)
            wrong.Add(SendWrongAsync());
        for (var i = 0; i < 200; i++)
            await good.AskAsync("SEND\ndestination:/topic/check.good", $"{i}");
        await Task.WhenAll(wrong);
        for (var i = 0; i < 200; i++)
            Assert.Equal($"{i}", Text(await GetAsync()));

        await Channel.ExchangeDeclareAsync("nope", ExchangeType.Fanout);
        await good.AskAsync("SEND\ndestination:/exchange/nope", "now it is there");

        async Task SendWrongAsync()
        {
            await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "bob");
            await client.SendAsync("SEND\ndestination:/exchange/nope/x\n\nx\0");
            await client.ErrorAsync("not_found");
        }
    }

    [Fact]
    public async Task Transaction_IsPublishedWithItsCommitInOrder()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.AskAsync("BEGIN\ntransaction:a");
        await client.AskAsync("BEGIN\ntransaction:b");
        await client.AskAsync("SEND\ndestination:/topic/check.t\ntransaction:a", "dropped");
        await client.AskAsync("SEND\ndestination:/topic/check.t\ntransaction:b", "1");
        await client.AskAsync("SEND\ndestination:/topic/check.t\ntransaction:b", "2");
        await client.AskAsync("ABORT\ntransaction:a");
        await client.AskAsync("SEND\ndestination:/topic/check.t", "before the commit");
        await client.AskAsync("COMMIT\ntransaction:b");
        Assert.Equal("before the commit", Text(await GetAsync()));
        Assert.Equal("1", Text(await GetAsync()));
        Assert.Equal("2", Text(await GetAsync()));
        Assert.Null(await Channel.BasicGetAsync("got", autoAck: true));
    }

    [Fact]
    public async Task Recipients_OfASource_AreWrittenToByThoseWhoMayWriteToEachOfThem()
    {
        await Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        await Channel.QueueBindAsync("got", "notifications", "#");
        // He may chat, and write to his team; the service may write everything.
        Silo.AuthorizeTopic = question =>
            question.Username == "service"
            || question.RoutingKey is "chat.mallory.x" or "user.carol" or "user.a%2Eb"
            || question.RoutingKey.StartsWith("user.team-", StringComparison.Ordinal);
        const string Send = "SEND\ndestination:/exchange/notifications/chat.mallory.x\n";
        await using (var client = await WireClient.ConnectAsync(Edge.StompAddress, "mallory"))
        {
            await client.AskAsync($"{Send}x-recipients: carol ,a.b,,carol", "to whom he may");
            await client.AskAsync($"{Send}X-Recipients:bob", "another header");
            await client.AskAsync("SEND\ndestination:/exchange/amq.fanout/chat.mallory.x\nx-recipients:bob", "no source, and nowhere to go");
        }
        foreach (var others in (string[])["bob", "carol,bob", string.Join(',', Enumerable.Range(0, 100).Select(i => $"team-{i}").Append("bob"))])
        {
            await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "mallory");
            await client.SendAsync($"{Send}receipt:r\nx-recipients:{others}\n\nnobody gets it\0");
            Assert.StartsWith("ACCESS_REFUSED - access to topic 'user.bob' in exchange 'notifications' ", (await client.ErrorAsync("access_refused")).Body);
            await client.ClosedAsync(4403);
        }
        await using (var client = await WireClient.ConnectAsync(Edge.StompAddress, "service"))
            await client.AskAsync($"{Send}x-recipients:{string.Join(',', Enumerable.Range(0, 2000).Select(i => $"u{i}"))}", "to many");

        Assert.Equal("to whom he may", Text(await GetAsync()));
        Assert.Equal("another header", Text(await GetAsync()));
        Assert.Equal("to many", Text(await GetAsync()));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Transaction_IsCommittedByTheRightsOfThen(bool byToken)
    {
        var mayWrite = true;
        Silo.Authenticate = question => new UserAnswer(true, question.Username!, question.Password == "less" ? [] : ["writer"], null);
        Silo.AuthorizeTopic = question => question.Tags.Contains("writer") && mayWrite;
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "worker");
        await client.AskAsync("BEGIN\ntransaction:t");
        await client.AskAsync("SEND\ndestination:/topic/check.t\ntransaction:t", "not any more");

        if (byToken)
        {
            await client.AskAsync("SEND\ndestination:/notify/token", "less");
        }
        else
        {
            (mayWrite, Silo.Rules) = (false, "second");
            await Edge.Process.WaitForOutputAsync("by the rules that are in force now: second");
        }

        await client.SendAsync("COMMIT\ntransaction:t\nreceipt:r\n\n\0");
        Assert.Equal("r", (await client.ErrorAsync("access_refused"))["receipt-id"]);
        await client.ClosedAsync(4403);
        mayWrite = true;
        await using var other = await WireClient.ConnectAsync(Edge.StompAddress, "other");
        await other.AskAsync("SEND\ndestination:/topic/check.t", "after");
        Assert.Equal("after", Text(await GetAsync()));
    }

    [Fact]
    public async Task Disconnect_FollowsTheConfirmsOfWhatWasSent()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.SendAsync(
            "SEND\ndestination:/topic/check.last\nreceipt:send\n\nlast\0DISCONNECT\nreceipt:bye\n\n\0SEND\ndestination:/topic/check.last\n\nlate\0"
        );
        Assert.Equal("send", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        Assert.Equal("bye", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        await client.ClosedAsync(1000);
        Assert.Equal("last", Text(await GetAsync()));
        Assert.Null(await Channel.BasicGetAsync("got", autoAck: true));
    }

    [Fact]
    public async Task Connection_ThatIsClosedByName_IsOpenedAgainAndNothingThatWasReceiptedIsLost()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        var closing = Broker.Management.CloseConnectionsAsync("notifyorleans ");
        var sent = 0;
        for (; !closing.IsCompleted || sent < 100; sent++)
            await client.AskAsync("SEND\ndestination:/topic/check.c", $"{sent}");
        await closing;
        await Edge.Process.WaitForOutputAsync("The connection to the broker was lost");
        await client.AskAsync("SEND\ndestination:/topic/check.c", $"{sent}");
        var got = new List<int>();
        while (got.LastOrDefault(-1) != sent)
            got.Add(int.Parse(Text(await GetAsync())));
        Assert.Equal(Enumerable.Range(0, sent + 1), got.Distinct());
        Assert.Equal(got.Order(), got);
    }

    [Fact]
    public async Task Message_ThatTheBrokerFindsTooLarge_IsRefusedAlone()
    {
        await Broker.ControlAsync("eval", "application:set_env(rabbit, max_message_size, 1000).");
        try
        {
            await using var large = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
            await using var small = await WireClient.ConnectAsync(Edge.StompAddress, "bob");
            var frames = string.Concat(Enumerable.Range(0, 50).Select(i => $"SEND\ndestination:/topic/check.s\nreceipt:r{i}\n\n{i}\0"));
            await Task.WhenAll(small.SendAsync(frames), large.SendAsync($"SEND\ndestination:/topic/check.l\n\n{new string('x', 2000)}\0"));
            await large.ErrorAsync("precondition_failed");
            for (var i = 0; i < 50; i++)
                await small.FrameAsync("RECEIPT");
            await small.AskAsync("SEND\ndestination:/topic/check.s", "after");
        }
        finally
        {
            await Broker.ControlAsync("eval", "application:set_env(rabbit, max_message_size, 134217728).");
        }
    }

    [Fact]
    public async Task Edge_ThatHasPublished_EndsInOrderAndSaysNothingOfLosses()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.AskAsync("SEND\ndestination:/topic/check.x", "x");
        await Edge.Process.TerminateAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, Edge.Process.ExitCode);
        Assert.DoesNotContain("lost", Edge.Process.Output, StringComparison.Ordinal);
    }
}
