using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Tests;

/// <summary>SEND to a real broker.</summary>
[Collection(BrokerCollection.Name)]
public sealed class SendTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private ScriptedSilo _silo = null!;
    private EdgeProcess _edge = null!;
    private Uri _vhost = null!;
    private IConnection _connection = null!;
    private IChannel _channel = null!;

    public async Task InitializeAsync()
    {
        _vhost = await broker.CreateVhostAsync();
        _silo = await ScriptedSilo.StartNewAsync();
        _edge = await EdgeProcess.StartAsync(_silo.GatewayPort, _vhost);
        await _edge.WaitForLinkAsync();
        await _edge.WaitForCheckAsync("broker", "ok");
        _connection = await new ConnectionFactory { Uri = _vhost }.CreateConnectionAsync();
        _channel = await _connection.CreateChannelAsync();
        await _channel.QueueDeclareAsync("got", durable: true, exclusive: false, autoDelete: false);
        await _channel.QueueBindAsync("got", "amq.topic", "#");
    }

    public async Task DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        await _edge.DisposeAsync();
        await _silo.DisposeAsync();
    }

    [Fact]
    public async Task Send_WithReceipt_IsWithTheBrokerWhenTheReceiptComes()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.AskAsync(
            "SEND\ndestination:/topic/check.a%2Fb\ncontent-type:text/plain\nx-c:v\\ca\nx-c:second\npersistent:true\ncontent-length:3", "hi\0");
        var got = await GetAsync();
        Assert.Equal(("amq.topic", "check.a/b", "hi\0"), (got.Exchange, got.RoutingKey, Text(got)));
        Assert.Equal(("text/plain", DeliveryModes.Persistent), (got.BasicProperties.ContentType, got.BasicProperties.DeliveryMode));
        // As in the reference the receipt's own header goes with it; what the client library would add for itself does not.
        Assert.Equal(["receipt", "x-c"], got.BasicProperties.Headers!.Keys.Order());
        Assert.Equal("v:a", Encoding.UTF8.GetString((byte[])got.BasicProperties.Headers["x-c"]!));
    }

    [Fact]
    public async Task Send_WithHeadersThatNameProperties_SetsThem()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.AskAsync(
            "SEND\ndestination:/exchange/amq.topic/check.p\npriority:5\ncorrelation-id:c1\nreply-to:/queue/rr\nexpiration:60000\n"
            + "amqp-message-id:m1\ntimestamp:1700000000\ntype:t1\napp-id:a1\ncontent-encoding:identity\nuser-id:alice");
        var properties = (await GetAsync()).BasicProperties;
        Assert.Equal((5, "c1", "/queue/rr", "60000"), (properties.Priority, properties.CorrelationId, properties.ReplyTo, properties.Expiration));
        Assert.Equal(("m1", 1700000000, "t1"), (properties.MessageId, properties.Timestamp.UnixTime, properties.Type));
        Assert.Equal(("a1", "identity"), (properties.AppId, properties.ContentEncoding));
        Assert.False(properties.IsUserIdPresent());
        Assert.Equal(["receipt", "user-id"], properties.Headers!.Keys.Order());
    }

    [Fact]
    public async Task Send_Pipelined_GetsEveryReceiptAndKeepsItsOrder()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
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
        4403)]
    [InlineData("/exchange/nope/x", "not_found", "NOT_FOUND - no exchange 'nope' in vhost '{0}'", 4404)]
    public async Task Send_ThatIsRefused_IsToldAsByTheReferenceAndClosed(string destination, string message, string body, int code)
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.SendAsync($"SEND\ndestination:{destination}\nreceipt:r\n\nx\0");
        var error = await client.ErrorAsync(message);
        Assert.Equal($"{string.Format(null, body, Uri.UnescapeDataString(_vhost.AbsolutePath[1..]))}\n", error.Body);
        Assert.Equal("r", error["receipt-id"]);
        await client.ClosedAsync(code);
    }

    [Fact]
    public async Task Send_InAnothersName_IsRefused()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.SendAsync("SEND\ndestination:/topic/check.x\nuser-id:bob\n\nx\0");
        Assert.Equal(
            "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'alice'\n", (await client.ErrorAsync("precondition_failed")).Body);
    }

    [Fact]
    public async Task Header_ThatTheBrokerTakesInAnotherTypeAlone_IsRefused_AndHurtsNobodyElse()
    {
        await using var wrong = await WireClient.ConnectAsync(_edge.StompAddress, "bob");
        await using var right = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        foreach (var name in (string[])["CC", "BCC"])
        {
            await wrong.SendAsync($"SEND\ndestination:/topic/check.wrong\nreceipt:r\n{name}:check.copy\n\nx\0");
            var error = await wrong.ErrorAsync("Invalid header");
            Assert.Equal(("r", $"'{name}' is not allowed on 'SEND'.\n"), (error["receipt-id"], error.Body));
            await right.AskAsync("SEND\ndestination:/topic/check.right", "right");
            await wrong.AskAsync("SEND\ndestination:/topic/check.right", "after");
            Assert.Equal("right", Text(await GetAsync()));
            Assert.Equal("after", Text(await GetAsync()));
        }
        Assert.DoesNotContain("lost", _edge.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>What the broker itself, or a plugin of it, looks for in the header table, mostly as something else than text; and values at the limits of AMQP's properties.</summary>
    [Fact]
    public async Task Header_ThatTheBrokerTakes_IsTaken()
    {
        string[] headers =
        [
            "cc:check.copy", "x-death:once", "x-first-death-queue:got", "x-delay:never", "x-delivery-count:-1", "x-acquired-count:many", "x-received-from:elsewhere", "x-routed-from:elsewhere",
            "x-stream-filter-value:f", "x-opt-delivery-time:soon", "x-match:any", "x-message-ttl:never", "delivery-mode:7", ":no name", "expiration:4294967295", "priority:255",
            "timestamp:9223372036854775807",
        ];
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        foreach (var header in headers)
        {
            await client.AskAsync($"SEND\ndestination:/topic/check.x\n{header}", header);
            Assert.Equal(header, Text(await GetAsync()));
        }
        Assert.DoesNotContain("lost", _edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Property_WithAValueThatCannotBe_IsRefusedBeforeItIsSent()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        foreach (var header in (string[])["expiration:soon", "expiration:-1", "expiration:4294967296", "priority:256", "timestamp:now"])
        {
            await client.SendAsync($"SEND\ndestination:/topic/check.x\n{header}\n\nx\0");
            await client.ErrorAsync("Processing error");
        }
        await client.AskAsync("SEND\ndestination:/topic/check.x", "after");
        Assert.Equal("after", Text(await GetAsync()));
        Assert.DoesNotContain("lost", _edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Send_ToAMissingExchange_HurtsNobodyElse()
    {
        await using var good = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        var wrong = new List<Task>();
        for (var i = 0; i < 10; i++)
            wrong.Add(SendWrongAsync());
        for (var i = 0; i < 200; i++)
            await good.AskAsync("SEND\ndestination:/topic/check.good", $"{i}");
        await Task.WhenAll(wrong);
        for (var i = 0; i < 200; i++)
            Assert.Equal($"{i}", Text(await GetAsync()));

        await _channel.ExchangeDeclareAsync("nope", ExchangeType.Fanout);
        await good.AskAsync("SEND\ndestination:/exchange/nope", "now it is there");

        async Task SendWrongAsync()
        {
            await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "bob");
            await client.SendAsync("SEND\ndestination:/exchange/nope/x\n\nx\0");
            await client.ErrorAsync("not_found");
        }
    }

    [Fact]
    public async Task Transaction_IsPublishedWithItsCommitInOrder()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
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
        Assert.Null(await _channel.BasicGetAsync("got", autoAck: true));
    }

    [Fact]
    public async Task Recipients_OfASource_AreWrittenToByThoseWhoMayWriteToEachOfThem()
    {
        await _channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        await _channel.QueueBindAsync("got", "notifications", "#");
        // He may chat, and write to his team; the service may write everything.
        _silo.AuthorizeTopic = question => question.Username == "service"
            || question.RoutingKey is "chat.mallory.x" or "user.carol" or "user.a%2Eb" || question.RoutingKey.StartsWith("user.team-", StringComparison.Ordinal);
        const string Send = "SEND\ndestination:/exchange/notifications/chat.mallory.x\n";
        await using (var client = await WireClient.ConnectAsync(_edge.StompAddress, "mallory"))
        {
            await client.AskAsync($"{Send}x-recipients: carol ,a.b,,carol", "to whom he may");
            await client.AskAsync($"{Send}X-Recipients:bob", "another header");
            await client.AskAsync("SEND\ndestination:/exchange/amq.fanout/chat.mallory.x\nx-recipients:bob", "no source, and nowhere to go");
        }
        foreach (var others in (string[])["bob", "carol,bob", string.Join(',', Enumerable.Range(0, 100).Select(i => $"team-{i}").Append("bob"))])
        {
            await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "mallory");
            await client.SendAsync($"{Send}receipt:r\nx-recipients:{others}\n\nnobody gets it\0");
            Assert.StartsWith("ACCESS_REFUSED - access to topic 'user.bob' in exchange 'notifications' ", (await client.ErrorAsync("access_refused")).Body);
            await client.ClosedAsync(4403);
        }
        await using (var client = await WireClient.ConnectAsync(_edge.StompAddress, "service"))
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
        _silo.Authenticate = question => new UserAnswer(true, question.Username!, question.Password == "less" ? [] : ["writer"], null);
        _silo.AuthorizeTopic = question => question.Tags.Contains("writer") && mayWrite;
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "worker");
        await client.AskAsync("BEGIN\ntransaction:t");
        await client.AskAsync("SEND\ndestination:/topic/check.t\ntransaction:t", "not any more");

        if (byToken)
        {
            await client.AskAsync("SEND\ndestination:/notify/token", "less");
        }
        else
        {
            (mayWrite, _silo.Rules) = (false, "second");
            await _edge.Process.WaitForOutputAsync("by the rules that are in force now: second");
        }

        await client.SendAsync("COMMIT\ntransaction:t\nreceipt:r\n\n\0");
        Assert.Equal("r", (await client.ErrorAsync("access_refused"))["receipt-id"]);
        await client.ClosedAsync(4403);
        mayWrite = true;
        await using var other = await WireClient.ConnectAsync(_edge.StompAddress, "other");
        await other.AskAsync("SEND\ndestination:/topic/check.t", "after");
        Assert.Equal("after", Text(await GetAsync()));
    }

    [Fact]
    public async Task Disconnect_FollowsTheConfirmsOfWhatWasSent()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.SendAsync(
            "SEND\ndestination:/topic/check.last\nreceipt:send\n\nlast\0DISCONNECT\nreceipt:bye\n\n\0SEND\ndestination:/topic/check.last\n\nlate\0");
        Assert.Equal("send", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        Assert.Equal("bye", (await client.FrameAsync("RECEIPT"))["receipt-id"]);
        await client.ClosedAsync(1000);
        Assert.Equal("last", Text(await GetAsync()));
        Assert.Null(await _channel.BasicGetAsync("got", autoAck: true));
    }

    [Fact]
    public async Task Connection_ThatIsClosedByName_IsOpenedAgainAndNothingThatWasReceiptedIsLost()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        var closing = broker.Management.CloseConnectionsAsync("notifyorleans ");
        var sent = 0;
        for (; !closing.IsCompleted || sent < 100; sent++)
            await client.AskAsync("SEND\ndestination:/topic/check.c", $"{sent}");
        await closing;
        await _edge.Process.WaitForOutputAsync("The connection to the broker was lost");
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
        await broker.ControlAsync("eval", "application:set_env(rabbit, max_message_size, 1000).");
        try
        {
            await using var large = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
            await using var small = await WireClient.ConnectAsync(_edge.StompAddress, "bob");
            var frames = string.Concat(Enumerable.Range(0, 50).Select(i => $"SEND\ndestination:/topic/check.s\nreceipt:r{i}\n\n{i}\0"));
            await Task.WhenAll(small.SendAsync(frames), large.SendAsync($"SEND\ndestination:/topic/check.l\n\n{new string('x', 2000)}\0"));
            await large.ErrorAsync("precondition_failed");
            for (var i = 0; i < 50; i++)
                await small.FrameAsync("RECEIPT");
            await small.AskAsync("SEND\ndestination:/topic/check.s", "after");
        }
        finally
        {
            await broker.ControlAsync("eval", "application:set_env(rabbit, max_message_size, 134217728).");
        }
    }

    [Fact]
    public async Task Headers_ThatAreLargerThanAFrameOfTheBroker_AreRefusedAlone()
    {
        await using var large = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await using var small = await WireClient.ConnectAsync(_edge.StompAddress, "bob");
        var headers = string.Concat(Enumerable.Range(0, 70).Select(i => $"h{i}:{new string('x', 16_000)}\n"));

        var sending = SendPipelinedAsync(small, "/topic/check.s");
        await large.SendAsync($"SEND\ndestination:/topic/check.l\nreceipt:r\n{headers}\nx\0");

        var error = await large.ErrorAsync("Limit exceeded");
        Assert.Equal(("r", "The broker takes headers of at most 1048576 bytes in all\n"), (error["receipt-id"], error.Body));
        await large.ClosedAsync(1008);
        await sending;
        await AssertGotOnceAsync();
        Assert.DoesNotContain("lost", _edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_ThatFillAFrameOfTheBroker_AreTaken()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        var headers = string.Concat(Enumerable.Range(0, 65).Select(i => $"\nh{i}:{new string('x', 16_000)}"));
        await client.AskAsync($"SEND\ndestination:/topic/check.l{headers}", "x");
        Assert.Equal(66, (await GetAsync()).BasicProperties.Headers!.Count);
    }

    [Theory]
    [InlineData("/queue/", "")]
    [InlineData("/amq/queue/", "")]
    [InlineData("/reply-queue/", "")]
    [InlineData("/topic/", "")]
    [InlineData("/exchange/", "/x")]
    public async Task Destination_ThatIsLongerThanANameOfAmqp_IsRefusedAlone(string before, string behind)
    {
        await using var wrong = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await using var right = await WireClient.ConnectAsync(_edge.StompAddress, "bob");

        // Letters of two bytes: 256 in all.
        var sending = SendPipelinedAsync(right, "/amq/queue/got");
        await wrong.SendAsync($"SEND\ndestination:{before}{new string('é', 128)}{behind}\nreceipt:r\n\nx\0");

        var error = await wrong.ErrorAsync("Invalid destination");
        Assert.Equal(("r", "An exchange, queue or routing key has at most 255 bytes\n"), (error["receipt-id"], error.Body));
        await sending;
        await AssertGotOnceAsync();
        await wrong.AskAsync("SEND\ndestination:/amq/queue/got", "after");
        Assert.Equal("after", Text(await GetAsync()));
    }

    [Fact]
    public async Task Edge_ThatHasPublished_EndsInOrderAndSaysNothingOfLosses()
    {
        await using var client = await WireClient.ConnectAsync(_edge.StompAddress, "alice");
        await client.AskAsync("SEND\ndestination:/topic/check.x", "x");
        await _edge.Process.TerminateAsync(TimeSpan.FromSeconds(60));
        Assert.Equal(0, _edge.Process.ExitCode);
        Assert.DoesNotContain("lost", _edge.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>Sends 200 messages, and waits for the receipt of each.</summary>
    private static async Task SendPipelinedAsync(WireClient client, string destination)
    {
        await client.SendAsync(string.Concat(Enumerable.Range(0, 200).Select(i => $"SEND\ndestination:{destination}\nreceipt:r{i}\n\n{i}\0")));
        for (var i = 0; i < 200; i++)
            await client.FrameAsync("RECEIPT");
    }

    /// <summary>What was sent so is in the queue, in order, and nothing else.</summary>
    private async Task AssertGotOnceAsync()
    {
        for (var i = 0; i < 200; i++)
            Assert.Equal($"{i}", Text(await GetAsync()));
        Assert.Null(await _channel.BasicGetAsync("got", autoAck: true));
    }

    private static string Text(BasicGetResult message) => Encoding.UTF8.GetString(message.Body.Span);

    private async Task<BasicGetResult> GetAsync()
    {
        BasicGetResult? message = null;
        await Wait.Until(async () => (message = await _channel.BasicGetAsync("got", autoAck: true)) is not null, "a message in the queue");
        return message!;
    }
}
