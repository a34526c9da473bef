using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;

namespace NotifyOrleans.Edge.Tests.Commands;

/// <summary>What a client may subscribe to, and what he is told when he may not.</summary>
public sealed class SubscribeTests(EdgeFixture fixture) : IClassFixture<EdgeFixture>
{
    [Theory]
    [InlineData("notifications", "#")]
    [InlineData("notifications", "*.alice")]
    [InlineData("notifications", "user.*")]
    [InlineData("notifications", "user.#")]
    [InlineData("notifications", "user.bob")]
    [InlineData("notifications", "user.bob.#")]
    [InlineData("notifications", "user.#.alice")]
    [InlineData("notifications", "user.*.alice")]
    public async Task Subscribe_OutsideWhatTheUserMayRead_IsRefusedAsTheReference(string exchange, string pattern)
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SendAsync($"SUBSCRIBE\nid:1\ndestination:/exchange/{exchange}/{pattern}\nreceipt:r\n\n\0");
        var error = await client.ErrorAsync("access_refused");
        Assert.Equal($"access to topic '{pattern}' in exchange '{exchange}' in vhost '/' refused for user 'alice'\n", error.Body);
        Assert.Equal("r", error["receipt-id"]);
        await client.ClosedAsync(4403);
    }

    [Fact]
    public async Task Subscribe_KeysMayBeReadButNotTheExchange_IsRefusedAsTheReference()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SendAsync("SUBSCRIBE\nid:1\ndestination:/exchange/private/user.alice.#\n\n\0");
        var error = await client.ErrorAsync("access_refused");
        Assert.Equal("ACCESS_REFUSED - access to exchange 'private' in vhost '/' refused for user 'alice'\n", error.Body);
        await client.ClosedAsync(4403);
    }

    public static TheoryData<string, string, string> Harmless =>
        new()
        {
            { $"SUBSCRIBE\nid:{new string('é', 128)}\ndestination:/topic/topic.x\n\n\0", "Invalid id", "SUBSCRIBE 'id' has at most 255 bytes\n" },
            { "SUBSCRIBE\nid:1\n\n\0", "Missing destination", "\"SUBSCRIBE\" must include a 'destination' header\n" },
            {
                "SUBSCRIBE\nid:1\ndestination:/nope/x\n\n\0",
                "Unknown destination",
                "'/nope/x' is not a valid destination.\nValid destination types are: /temp-queue, /exchange, /topic, /queue, /amq/queue, /reply-queue/.\n"
            },
            { "SUBSCRIBE\nid:1\ndestination:/queue/a/b\n\n\0", "Invalid destination", "'/a/b' is not a valid queue destination\n" },
            { "SUBSCRIBE\nid:1\ndestination:/exchange\n\n\0", "Invalid destination", "'' is not a valid exchange destination\n" },
            { "SUBSCRIBE\nid:1\ndestination:/temp-queue/a\n\n\0", "Invalid destination", "'/temp-queue/a' is not a valid destination for 'SUBSCRIBE'\n" },
            { "SUBSCRIBE\nid:1\ndestination:/topic/topic.x\nack:sometimes\n\n\0", "Processing error", "Processing error" },
            { "SUBSCRIBE\nid:1\ndestination:/topic/topic.x\nprefetch-count:x\n\n\0", "Processing error", "Processing error" },
            { "SUBSCRIBE\ndestination:/topic/topic.x\ndurable:true\n\n\0", "Missing Header", "Header 'id' is required for durable subscriptions" },
            {
                "UNSUBSCRIBE\nid:z\n\n\0",
                "No subscription found",
                "UNSUBSCRIBE must refer to an existing subscription.\nSubscription to \"id='z'\" not found.\n"
            },
            { "UNSUBSCRIBE\n\n\0", "Missing destination or id", "UNSUBSCRIBE must include a 'destination' or 'id' header" },
            { "COMMIT\ntransaction:t\n\n\0", "Bad transaction", "Invalid transaction identifier: \"t\"\n" },
            { "BEGIN\n\n\0", "Missing transaction", "\"BEGIN\" must include a 'transaction' header\n" },
            { "SEND\n\nx\0", "Missing destination", "\"SEND\" must include a 'destination' header\n" },
            { "SEND\ndestination:/topic/topic.x\nmessage-id:1\n\nx\0", "Invalid header", "'message-id' is not allowed on 'SEND'.\n" },
            { "SEND\ndestination:/topic/topic.x\ntransaction:t\n\nx\0", "Bad transaction", "Invalid transaction identifier: \"t\"\n" },
            { "SEND\ndestination:/topic/topic.x\npriority:x\n\nx\0", "Processing error", "Processing error" },
        };

    [Theory]
    [MemberData(nameof(Harmless))]
    public async Task Frame_ThatIsWrongButHarmless_GetsItsErrorAndTheSessionStays(string frame, string message, string body)
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SendAsync(frame);
        Assert.Equal(body, (await client.ErrorAsync(message)).Body);
        await client.SubscribeAsync("/topic/topic.still-there");
    }

    [Theory]
    [InlineData("FOO\n\n\0", "Bad command", 1002)]
    [InlineData("SEND\nfoo:a\rb\ndestination:/topic/x\n\nx\0", "Malformed frame", 1002)]
    [InlineData("SEND\ndestination:/topic/topic.x\ncontent-length:2\n\nabcdef\0", "Malformed frame", 1002)]
    [InlineData("SEND\ndestination:/topic/topic.x\ncontent-length:99999999\n\nabc", "Frame too large", 1009)]
    public async Task Frame_ThatIsNone_GetsAnErrorThenTheClose(string frame, string message, int code)
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SendAsync(frame);
        await client.ErrorAsync(message);
        await client.ClosedAsync(code);
    }

    [Fact]
    public async Task Subscribe_OverTheLimit_IsRefused()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        for (var i = 0; i < 500; i++)
            await client.SubscribeAsync("/topic/topic.limit", id: $"{i}");
        await client.SendAsync("SUBSCRIBE\nid:more\ndestination:/topic/topic.limit\n\n\0");
        await client.ErrorAsync("Limit exceeded");
        await client.ClosedAsync(1008);
    }

    [Fact]
    public async Task Begin_OverTheLimit_IsRefused()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        for (var i = 0; i < 16; i++)
            await client.AskAsync($"BEGIN\ntransaction:{i}");
        await client.SendAsync("BEGIN\ntransaction:more\n\n\0");
        Assert.Equal("At most 16 transactions may be open\n", (await client.ErrorAsync("Limit exceeded")).Body);
        await client.ClosedAsync(1008);
    }

    [Fact]
    public async Task Subscribe_WithTheLongestId_IsTaken()
    {
        await using var client = await WireClient.ConnectAsync(fixture.Edge.StompAddress, "alice");
        await client.SubscribeAsync("/topic/topic.x", id: new string('x', 255));
    }

    [Fact]
    public async Task Acks_OfATransaction_CountByTheirIds()
    {
        await using var client = await WireClient.OpenAsync(fixture.Edge.StompAddress);
        await client.SendAsync("CONNECT\naccept-version:1.2\npasscode:token-alice\n\n\0");
        var session = (await client.FrameAsync("CONNECTED"))["session"];
        await client.AskAsync("BEGIN\ntransaction:t");
        // Two bytes a letter: 16 MiB are less than 530.
        var ack = $"ACK\ntransaction:t\nid:T_{new string('x', 16_000)}@@{session}@@1\n\n\0";
        await client.SendAsync(string.Concat(Enumerable.Repeat(ack, 530)));
        Assert.Equal("Open transactions have at most 16777216 bytes\n", (await client.ErrorAsync("Limit exceeded")).Body);
        await client.ClosedAsync(1008);
    }
}
