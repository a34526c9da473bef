using System.Text;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Silo.DeadLetters;
using NotifyOrleans.Silo.Tests.Ingress;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.DeadLetters;

[Collection(BrokerCollection.Name)]
public sealed class DeadLettersTests(RabbitMqBroker broker) : IAsyncLifetime
{
    private Uri _address = null!;
    private Publisher _publisher = null!;
    private IngressSilo _silo = null!;

    public async Task InitializeAsync()
    {
        _address = await broker.CreateVhostAsync();
        _publisher = await Publisher.ConnectAsync(_address);
        _silo = await IngressSilo.StartAsync(
            _address,
            new()
            {
                ["Ingress:MaxMessageBytes"] = "2000",
                ["Ingress:Partitions"] = "2",
                ["Ingress:Sources:1:Exchange"] = "talks",
                ["Ingress:Sources:1:Users:0"] = "talk.{user}.*",
                ["Ingress:Sources:1:Users:1"] = "talk.*.{user}",
            },
            router => router.IsReal = true
        );
        await _silo.HealthyAsync();
    }

    public async Task DisposeAsync()
    {
        await _silo.DisposeAsync();
        await _publisher.DisposeAsync();
    }

    [Theory]
    [InlineData("", "notifyorleans.ingress.2.0", 10, null, "unroutable")]
    [InlineData("notifications", "user.alice", 3000, null, "too-large")]
    [InlineData("notifications", "user.alice", 10, 5, "malformed")]
    [InlineData("notifications", "user.alice", 10, "", "unroutable")]
    public async Task Poison_OfEachKind_IsPublishedWithItsReasonAndSettled(string exchange, string key, int bytes, object? recipients, string reason)
    {
        var headers = recipients is null ? null : new Dictionary<string, object?> { ["x-recipients"] = recipients };
        await _publisher.PublishAsync(key, new string('x', bytes), exchange, headers);

        var dead = await TakeAsync();

        Assert.Equal(
            (reason, exchange, key, bytes),
            (Header(dead, "x-dead-letter-reason"), Header(dead, "x-dead-letter-source"), dead.RoutingKey, dead.Body.Length)
        );
        Assert.Equal(DeliveryModes.Persistent, dead.BasicProperties.DeliveryMode);
        await _silo.StopAsync();
        foreach (var partition in (int[])[0, 1])
            Assert.Equal(0u, await _publisher.Channel.MessageCountAsync($"notifyorleans.ingress.2.{partition}"));
    }

    [Fact]
    public async Task Delivery_WithProperties_KeepsThemOrTellsThem()
    {
        var properties = new BasicProperties
        {
            ContentType = "text/plain",
            MessageId = "m",
            CorrelationId = "c",
            Priority = 3,
            Timestamp = new AmqpTimestamp(5),
            Type = "t",
            AppId = "a",
            ReplyTo = "r",
            Expiration = "60000",
            UserId = "guest",
            Headers = new Dictionary<string, object?>
            {
                ["text"] = "v",
                ["number"] = 5,
                ["time"] = new AmqpTimestamp(7),
                ["binary"] = new BinaryTableValue([1]),
                ["table"] = new Dictionary<string, object?>
                {
                    ["list"] = new List<object?> { 1, "x" },
                },
            },
        };
        await _publisher.Channel.BasicPublishAsync("", "notifyorleans.ingress.2.1", mandatory: true, properties, new byte[] { 1, 2 });

        var dead = await TakeAsync();

        var got = dead.BasicProperties;
        Assert.Equal(
            ("text/plain", "m", "c", (byte)3, 5L, "t", "a", "r"),
            (got.ContentType, got.MessageId, got.CorrelationId, got.Priority, got.Timestamp.UnixTime, got.Type, got.AppId, got.ReplyTo)
        );
        Assert.False(got.IsExpirationPresent() || got.IsUserIdPresent());
        Assert.Equal(("60000", "guest", "v"), (Header(dead, "x-dead-letter-expiration"), Header(dead, "x-dead-letter-user-id"), Header(dead, "text")));
        Assert.Equal((5, new AmqpTimestamp(7)), (got.Headers!["number"], got.Headers["time"]));
        Assert.Equal([1], ((BinaryTableValue)got.Headers["binary"]!).Bytes);
        Assert.Equal([1, 2], dead.Body.ToArray());
    }

    [Fact]
    public async Task Delivery_WhoseTextsAmqpDoesNotTake_IsPublishedWithoutThem()
    {
        // As what is not UTF-8 is read: each octet has become three.
        var grown = new string('\uFFFD', 100);
        var delivery = new RabbitMqDelivery
        {
            Queue = "q",
            ChannelEpoch = 1,
            Tag = 1,
            Exchange = "notifications",
            RoutingKey = grown,
            CorrelationId = grown,
            Body = [7],
        };

        await _silo.DeadLetters.PublishAsync(delivery, DeadLetterReasons.Unroutable, CancellationToken.None);
        var dead = await TakeAsync();

        Assert.Equal(
            ("unroutable", "notifications", grown[..85]),
            (Header(dead, "x-dead-letter-reason"), Header(dead, "x-dead-letter-source"), dead.RoutingKey)
        );
        Assert.Equal(true, dead.BasicProperties.Headers!["x-dead-letter-reduced"]);
        Assert.Equal([7], dead.Body.ToArray());
        await _silo.DeadLetters.PublishAsync(delivery, DeadLetterReasons.Unroutable, CancellationToken.None);
        await TakeAsync();
    }

    [Fact]
    public async Task Delivery_OneOfWhosePropertiesAmqpDoesNotTake_KeepsItsKey()
    {
        var key = $"user.alice.{new string('x', 200)}";
        var delivery = new RabbitMqDelivery
        {
            Queue = "q",
            ChannelEpoch = 1,
            Tag = 1,
            Exchange = "notifications",
            RoutingKey = key,
            CorrelationId = new string('\uFFFD', 100),
            Body = [7],
        };

        await _silo.DeadLetters.PublishAsync(delivery, DeadLetterReasons.TooLarge, CancellationToken.None);
        var dead = await TakeAsync();

        Assert.Equal((key, true), (dead.RoutingKey, dead.BasicProperties.Headers!["x-dead-letter-reduced"]));
    }

    /// <summary>A header frame is never divided: the broker closes the connection for one that is larger than it takes, as often as it is sent.</summary>
    [Fact]
    public async Task Delivery_WhoseHeadersFillAFrame_IsPublishedWithoutThem()
    {
        var text = Encoding.UTF8.GetBytes(new string('x', (1 << 20) - 200));
        var delivery = new RabbitMqDelivery
        {
            Queue = "q",
            ChannelEpoch = 1,
            Tag = 1,
            Exchange = "notifications",
            RoutingKey = "user.alice",
            Headers = new Dictionary<string, object?> { ["x-recipients"] = text },
            Body = [7],
        };

        await _silo.DeadLetters.PublishAsync(delivery, DeadLetterReasons.TooManyRecipients, CancellationToken.None);
        var dead = await TakeAsync();

        Assert.Equal(
            ("too-many-recipients", "notifications", "user.alice"),
            (Header(dead, "x-dead-letter-reason"), Header(dead, "x-dead-letter-source"), dead.RoutingKey)
        );
        Assert.Equal(true, dead.BasicProperties.Headers!["x-dead-letter-reduced"]);
        Assert.False(dead.BasicProperties.Headers.ContainsKey("x-recipients"));
        Assert.Equal([7], dead.Body.ToArray());
    }

    [Fact]
    public async Task Notification_Rejected_IsPublishedWithItsHeaders()
    {
        var notification = new Notification
        {
            Exchange = "notifications",
            RoutingKey = "user.alice.x",
            MessageId = "m1",
            Body = [7],
            Headers =
            [
                new("mine", "first"),
                new("mine", "second"),
                new("app-id", "a"),
                new("timestamp", "5"),
                new("amqp-message-id", "m1"),
                new("expiration", "1"),
                new("priority", "4"),
                new("persistent", "true"),
                new("content-type", "text/plain"),
            ],
        };

        await _silo.DeadLetters.PublishAsync(notification, new Recipient("alice", "user.alice"), DeadLetterReasons.Rejected, CancellationToken.None);
        var dead = await TakeAsync();

        Assert.Equal(
            ("rejected", "notifications", "user.alice.x", "first"),
            (Header(dead, "x-dead-letter-reason"), Header(dead, "x-dead-letter-source"), dead.RoutingKey, Header(dead, "mine"))
        );
        Assert.Equal(
            ("text/plain", "m1", "a", 5L, (byte)4),
            (
                dead.BasicProperties.ContentType,
                dead.BasicProperties.MessageId,
                dead.BasicProperties.AppId,
                dead.BasicProperties.Timestamp.UnixTime,
                dead.BasicProperties.Priority
            )
        );
        Assert.False(dead.BasicProperties.IsExpirationPresent());
        Assert.Equal("1", Header(dead, "x-dead-letter-expiration"));
        Assert.Equal([7], dead.Body.ToArray());
    }

    [Theory]
    [InlineData("/reply-queue/answers", "answers")]
    [InlineData("/exchange/answers/key", "/exchange/answers/key")]
    public async Task Notification_RejectedAndSentBack_AsksForItsAnswerWhereItDid(string replyTo, string revived)
    {
        var notification = new Notification
        {
            Exchange = "notifications",
            RoutingKey = "user.alice.x",
            Body = [7],
            Headers = [new("reply-to", replyTo), new("expiration", "60000")],
        };
        await _silo.DeadLetters.PublishAsync(notification, new Recipient("alice", notification.RoutingKey), DeadLetterReasons.Rejected, CancellationToken.None);

        var (exchange, properties) = DeadLetterHeaders.Revive((await TakeAsync()).BasicProperties);

        Assert.Equal(("notifications", revived, "60000"), (exchange, properties.ReplyTo, properties.Expiration));
        Assert.Equal(["x-redriven"], properties.Headers!.Keys);
    }

    [Fact]
    public async Task Notification_RejectedByOneOfTwoWhomItsKeyAddresses_GoesBackToHimAlone()
    {
        var notification = new Notification
        {
            Exchange = "talks",
            RoutingKey = "talk.alice.bob",
            Body = [7],
        };
        await _silo.DeadLetters.PublishAsync(notification, new Recipient("bob", notification.RoutingKey), DeadLetterReasons.Rejected, CancellationToken.None);
        var dead = await TakeAsync();
        var (exchange, properties) = DeadLetterHeaders.Revive(dead.BasicProperties);

        await _publisher.Channel.BasicPublishAsync(exchange, dead.RoutingKey, mandatory: true, properties, dead.Body);

        await _silo.DeliveredAsync(1);
        var route = Assert.IsType<Route.ToUsers>(_silo.Router.Route(_silo.Router.Deliveries[0]));
        Assert.Equal([new Recipient("bob", "talk.alice.bob")], route.Recipients);
        Assert.DoesNotContain(route.Notification.Headers, header => header.Name == "x-redriven");
    }

    [Theory]
    [InlineData("x-dead-letter-recipient")]
    [InlineData("x-dead-letter-rejected-by")]
    public async Task Publisher_WhoWritesAHeaderOfOurs_DoesNotSayWhomItIsSentBackTo(string header)
    {
        var notification = new Notification
        {
            Exchange = "notifications",
            RoutingKey = "user.alice.x",
            Body = [7],
            Headers = [new(header, "bob")],
        };
        await _silo.DeadLetters.PublishAsync(notification, new Recipient("alice", notification.RoutingKey), DeadLetterReasons.Rejected, CancellationToken.None);
        AssertNotForBob(await TakeAsync());

        var delivery = new RabbitMqDelivery
        {
            Queue = "q",
            ChannelEpoch = 1,
            Tag = 1,
            Exchange = "notifications",
            RoutingKey = "user.alice.x",
            Headers = new Dictionary<string, object?> { [header] = Encoding.UTF8.GetBytes("bob") },
            Body = [7],
        };
        await _silo.DeadLetters.PublishAsync(delivery, DeadLetterReasons.Malformed, CancellationToken.None);
        AssertNotForBob(await TakeAsync());

        static void AssertNotForBob(BasicGetResult dead)
        {
            var headers = DeadLetterHeaders.Revive(dead.BasicProperties).Properties.Headers!;
            Assert.False(headers.ContainsKey("x-recipients"));
            Assert.NotEqual("bob", headers["x-redriven"]);
        }
    }

    private static string? Header(BasicGetResult message, string name) =>
        message.BasicProperties.Headers?.TryGetValue(name, out var value) is true && value is byte[] text ? Encoding.UTF8.GetString(text) : null;

    private async Task<BasicGetResult> TakeAsync()
    {
        BasicGetResult? dead = null;
        await Wait.Until(
            async () => (dead = await _publisher.Channel.BasicGetAsync("notifyorleans.dead-letters", autoAck: true)) is not null,
            "the dead letter"
        );
        return dead!;
    }
}
