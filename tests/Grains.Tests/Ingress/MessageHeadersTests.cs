using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using NotifyOrleans.Testing.Stomp;
using RabbitMQ.Client;

namespace NotifyOrleans.Grains.Tests.Ingress;

/// <summary>The headers of a MESSAGE beside those of RabbitMQ's own Web STOMP, for the same message.</summary>
public sealed class MessageHeadersTests(RabbitMqBroker broker) : IClassFixture<RabbitMqBroker>
{
    private static readonly BasicProperties[] Samples =
    [
        new(),
        new() { DeliveryMode = DeliveryModes.Transient },
        new()
        {
            ContentType = "application/json",
            ContentEncoding = "utf-8",
            DeliveryMode = DeliveryModes.Persistent,
            Priority = 0,
            CorrelationId = "c",
            ReplyTo = "answers",
            Expiration = "60000",
            MessageId = "m",
            Timestamp = new AmqpTimestamp(1_700_000_000),
            Type = "t",
            UserId = "guest",
            AppId = "a",
            ClusterId = "cluster",
        },
        new()
        {
            ReplyTo = "/queue/answers",
            Priority = 255,
            ContentType = "",
        },
        new() { ReplyTo = "/temp-queue/answers" },
        new() { ReplyTo = "/reply-queuex" },
        new()
        {
            Headers = new Dictionary<string, object?>
            {
                ["text"] = "v",
                ["empty"] = "",
                ["umlaut"] = "äöü€",
                ["colon:name"] = "a:b\\c\nd",
                ["int"] = -2_000_000_000,
                ["long"] = -5_000_000_000L,
                ["zero"] = 0,
                ["reply-to"] = "from-a-header",
                ["destination"] = "/fake",
                ["content-type"] = "from/header",
            },
            ContentType = "text/plain",
        },
        new()
        {
            Headers = new Dictionary<string, object?>
            {
                ["byte"] = (byte)1,
                ["sbyte"] = (sbyte)1,
                ["short"] = (short)1,
                ["ushort"] = (ushort)1,
                ["uint"] = 1u,
                ["bool"] = true,
                ["none"] = null,
                ["float"] = 1f,
                ["double"] = 1d,
                ["time"] = new AmqpTimestamp(1),
                ["binary"] = new BinaryTableValue([1]),
                ["list"] = new List<object?> { "x" },
                ["table"] = new Dictionary<string, object?> { ["x"] = "y" },
                ["last"] = "passes",
            },
        },
    ];

    [Fact]
    public async Task Of_EverySample_IsWhatWebStompSends()
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        await channel.QueueBindAsync(queue, "amq.topic", "headers.test");
        await using var reference = await StompClient.ConnectAsync(new Uri($"ws://127.0.0.1:{broker.WebStompPort}/ws"), "guest", "guest");
        await reference.SubscribeAsync("/topic/headers.test");

        foreach (var properties in Samples)
            await channel.BasicPublishAsync("amq.topic", "headers.test", mandatory: true, properties, new byte[] { 65 });
        var messages = await reference.MessagesAsync(Samples.Length);

        for (var i = 0; i < Samples.Length; i++)
        {
            // The server's own headers come first, content-length last; of repeated ones the reader keeps the first.
            var expected = messages[i].Headers.Skip(4).SkipLast(1).Select(header => $"{header.Name}={header.Value}");
            var actual = MessageHeaders
                .Of(await TakeAsync(channel, queue))
                .DistinctBy(header => header.Name)
                .Where(header => header.Name != "destination")
                .Select(header => $"{header.Name}={header.Value}");
            Assert.Equal(expected, actual);
        }
    }

    [Fact]
    public void Of_WhatIsForTheIngressOrTheClientLibraryAlone_IsNotPassedOn()
    {
        var delivery = new RabbitMqDelivery
        {
            Queue = "q",
            ChannelEpoch = 1,
            Tag = 1,
            Exchange = "e",
            RoutingKey = "k",
            Body = [],
            Headers = new Dictionary<string, object?>
            {
                ["x-recipients"] = "alice"u8.ToArray(),
                ["x-dotnet-pub-seq-no"] = 5L,
                ["x-other"] = "v"u8.ToArray(),
            },
        };

        Assert.Equal(["x-other"], MessageHeaders.Of(delivery).Select(header => header.Name));
    }

    private static async Task<RabbitMqDelivery> TakeAsync(IChannel channel, string queue)
    {
        BasicGetResult? got = null;
        await Wait.Until(async () => (got = await channel.BasicGetAsync(queue, autoAck: true)) is not null, "the message in the queue");
        return DeliveryFactory.Create("q", 1, got!.DeliveryTag, got.Redelivered, got.Exchange, got.RoutingKey, got.BasicProperties, got.Body.ToArray());
    }
}
