using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Edge.Tests.Publishing;

/// <summary>What SEND becomes at a real broker: properties, headers, and what AMQP cannot carry.</summary>
public sealed class SendHeadersTests(RabbitMqBroker broker) : EdgeAtBroker(broker)
{
    [Fact]
    public async Task Send_WithHeadersThatNameProperties_SetsThem()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.AskAsync(
            "SEND\ndestination:/exchange/amq.topic/check.p\npriority:5\ncorrelation-id:c1\nreply-to:/queue/rr\nexpiration:60000\n"
                + "amqp-message-id:m1\ntimestamp:1700000000\ntype:t1\napp-id:a1\ncontent-encoding:identity\nuser-id:alice"
        );
        var properties = (await GetAsync()).BasicProperties;
        Assert.Equal((5, "c1", "/queue/rr", "60000"), (properties.Priority, properties.CorrelationId, properties.ReplyTo, properties.Expiration));
        Assert.Equal(("m1", 1700000000, "t1"), (properties.MessageId, properties.Timestamp.UnixTime, properties.Type));
        Assert.Equal(("a1", "identity"), (properties.AppId, properties.ContentEncoding));
        Assert.False(properties.IsUserIdPresent());
        Assert.Equal(["receipt", "user-id"], properties.Headers!.Keys.Order());
    }

    [Fact]
    public async Task Send_InAnothersName_IsRefused()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await client.SendAsync("SEND\ndestination:/topic/check.x\nuser-id:bob\n\nx\0");
        Assert.Equal(
            "PRECONDITION_FAILED - user_id property set to 'bob' but authenticated user was 'alice'\n",
            (await client.ErrorAsync("precondition_failed")).Body
        );
    }

    [Fact]
    public async Task Header_ThatTheBrokerTakesInAnotherTypeAlone_IsRefused_AndHurtsNobodyElse()
    {
        await using var wrong = await WireClient.ConnectAsync(Edge.StompAddress, "bob");
        await using var right = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
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
        Assert.DoesNotContain("lost", Edge.Process.Output, StringComparison.Ordinal);
    }

    /// <summary>
    /// What the broker itself, or a plugin of it, looks for in the header table, mostly as something else than text; and values at the limits of AMQP's
    /// properties.
    /// </summary>
    [Fact]
    public async Task Header_ThatTheBrokerTakes_IsTaken()
    {
        string[] headers =
        [
            "cc:check.copy",
            "x-death:once",
            "x-first-death-queue:got",
            "x-delay:never",
            "x-delivery-count:-1",
            "x-acquired-count:many",
            "x-received-from:elsewhere",
            "x-routed-from:elsewhere",
            "x-stream-filter-value:f",
            "x-opt-delivery-time:soon",
            "x-match:any",
            "x-message-ttl:never",
            "delivery-mode:7",
            ":no name",
            "expiration:4294967295",
            "priority:255",
            "timestamp:9223372036854775807",
        ];
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        foreach (var header in headers)
        {
            await client.AskAsync($"SEND\ndestination:/topic/check.x\n{header}", header);
            Assert.Equal(header, Text(await GetAsync()));
        }
        Assert.DoesNotContain("lost", Edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Property_WithAValueThatCannotBe_IsRefusedBeforeItIsSent()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        foreach (var header in (string[])["expiration:soon", "expiration:-1", "expiration:4294967296", "priority:256", "timestamp:now"])
        {
            await client.SendAsync($"SEND\ndestination:/topic/check.x\n{header}\n\nx\0");
            await client.ErrorAsync("Processing error");
        }
        await client.AskAsync("SEND\ndestination:/topic/check.x", "after");
        Assert.Equal("after", Text(await GetAsync()));
        Assert.DoesNotContain("lost", Edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_ThatAreLargerThanAFrameOfTheBroker_AreRefusedAlone()
    {
        await using var large = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await using var small = await WireClient.ConnectAsync(Edge.StompAddress, "bob");
        var headers = string.Concat(Enumerable.Range(0, 70).Select(i => $"h{i}:{new string('x', 16_000)}\n"));

        var sending = SendPipelinedAsync(small, "/topic/check.s");
        await large.SendAsync($"SEND\ndestination:/topic/check.l\nreceipt:r\n{headers}\nx\0");

        var error = await large.ErrorAsync("Limit exceeded");
        Assert.Equal(("r", "The broker takes headers of at most 1048576 bytes in all\n"), (error["receipt-id"], error.Body));
        await large.ClosedAsync(1008);
        await sending;
        await AssertGotOnceAsync();
        Assert.DoesNotContain("lost", Edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Headers_ThatFillAFrameOfTheBroker_AreTaken()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
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
        await using var wrong = await WireClient.ConnectAsync(Edge.StompAddress, "alice");
        await using var right = await WireClient.ConnectAsync(Edge.StompAddress, "bob");

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
        Assert.Null(await Channel.BasicGetAsync("got", autoAck: true));
    }
}
