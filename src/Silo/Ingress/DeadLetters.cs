using System.Globalization;
using System.Text;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Streaming.RabbitMQ;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Ingress;

/// <summary>
/// Publishes to the exchange of dead letters, which leads to a queue of the same name. The routing key stays; headers say why, and where the message was
/// published.
/// </summary>
internal sealed class DeadLetters(IngressConnections connections, IngressMetrics metrics, TimeProvider time) : IDeadLetters, IAsyncDisposable
{
    public const string Exchange = "notifyorleans.dead-letters";
    public const string ReasonHeader = "x-dead-letter-reason";
    public const string SourceHeader = "x-dead-letter-source";

    /// <summary>Names the dead letter.</summary>
    public const string IdHeader = "x-dead-letter-id";

    /// <summary>Since when it is one.</summary>
    public const string TimeHeader = "x-dead-letter-time";

    /// <summary>
    /// Its properties and headers could not be kept, and its key is cut off when AMQP does not take it. Whom it was for may have stood in either.
    /// </summary>
    public const string ReducedHeader = "x-dead-letter-reduced";

    /// <summary>The user whose client rejected it, where the key does not say so.</summary>
    private const string RecipientHeader = "x-dead-letter-recipient";

    /// <summary>The user whose client rejected it, where the key says so; it may address others too.</summary>
    private const string RejectedByHeader = "x-dead-letter-rejected-by";

    private const string ExpirationHeader = FormerPrefix + "expiration";

    private const string ReplyToHeader = FormerPrefix + "reply-to";

    private const string UserIdHeader = FormerPrefix + "user-id";

    /// <summary>What STOMP clients are shown before the name of a queue to reply to.</summary>
    private const string ReplyQueuePrefix = "/reply-queue/";

    /// <summary>What would end it in its queue too soon, or be refused by the broker, goes on as a header with this before its name.</summary>
    private const string FormerPrefix = "x-dead-letter-";

    /// <summary>Of a text that a reduced dead letter keeps.</summary>
    private const int MaxKeptChars = 255;

    /// <summary>What a reduced dead letter keeps: all else is its publisher's, and may be what AMQP does not take.</summary>
    private static readonly string[] Kept =
    [
        ReasonHeader,
        SourceHeader,
        IdHeader,
        TimeHeader,
        RecipientHeader,
        RejectedByHeader,
        ExpirationHeader,
        ReplyToHeader,
        UserIdHeader,
    ];

    /// <summary>AMQP's short string.</summary>
    private const int MaxKeyBytes = 255;

    /// <summary>Characters that make no more, whichever they are.</summary>
    private const int MaxKeyChars = MaxKeyBytes / 3;

    /// <summary>The queue keeps the newest: a publisher that goes wrong must not fill the broker's disk.</summary>
    private const int MaxLength = 100_000;

    private readonly ConfirmedChannel _channel = new(connections.DeadLetters);

    /// <summary>Whether it is not what it was: sent back it could go to others than it was for, or to nobody.</summary>
    public static bool IsReduced(IReadOnlyBasicProperties dead) => dead.Headers?.TryGetValue(ReducedHeader, out var value) is true && value is true;

    /// <summary>
    /// A dead letter as it was published before it was one. Its publisher's <c>user-id</c> stays away: the broker takes that from its owner alone.
    /// </summary>
    public static (string Exchange, BasicProperties Properties) Revive(IReadOnlyBasicProperties dead)
    {
        var headers = (dead.Headers ?? new Dictionary<string, object?>()).Where(header => !IsOurs(header.Key)).ToDictionary();
        headers[RedrivenHeader.Name] = DeadLetter.TextOf(dead, RejectedByHeader) is { } user ? user : 1;
        if (DeadLetter.TextOf(dead, RecipientHeader) is { } recipient)
            headers[RecipientsHeader.Name] = new List<object?> { recipient };
        var properties = new BasicProperties(dead) { Headers = headers };
        if (DeadLetter.TextOf(dead, ExpirationHeader) is { } expiration)
            properties.Expiration = expiration;
        if (DeadLetter.TextOf(dead, ReplyToHeader) is { } replyTo)
            properties.ReplyTo = replyTo.StartsWith(ReplyQueuePrefix, StringComparison.Ordinal) ? replyTo[ReplyQueuePrefix.Length..] : replyTo;
        return (DeadLetter.TextOf(dead, SourceHeader) ?? "", properties);
    }

    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Exchange, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            Exchange,
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "classic", ["x-max-length"] = MaxLength },
            cancellationToken: cancellationToken
        );
        await channel.QueueBindAsync(Exchange, Exchange, "", cancellationToken: cancellationToken);
    }

    public async Task PublishAsync(RabbitMqDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            Headers = (delivery.Headers ?? new Dictionary<string, object?>())
                .Where(header => !IsOurs(header.Key))
                .ToDictionary(header => header.Key, header => Encodable(header.Value)),
            ContentType = delivery.ContentType,
            ContentEncoding = delivery.ContentEncoding,
            CorrelationId = delivery.CorrelationId,
            ReplyTo = delivery.ReplyTo,
            MessageId = delivery.MessageId,
            Type = delivery.Type,
            AppId = delivery.AppId,
        };
        if (delivery.Priority is { } priority)
            properties.Priority = priority;
        if (delivery.Timestamp is { } timestamp)
            properties.Timestamp = new AmqpTimestamp(timestamp);
        AddFormer(properties.Headers, "expiration", delivery.Expiration);
        AddFormer(properties.Headers, "user-id", delivery.UserId);
        await PublishAsync(delivery.Exchange, delivery.RoutingKey, properties, delivery.Body, reason, cancellationToken);
    }

    public async Task PublishAsync(Notification notification, Recipient recipient, string reason, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?>(), MessageId = notification.MessageId };
        // The first of a name is the one that counted.
        foreach (var (name, value) in notification.Headers.Reverse())
            Set(properties, name, value);
        properties.Headers[recipient.FilterKey == notification.RoutingKey ? RejectedByHeader : RecipientHeader] = recipient.User;
        await PublishAsync(notification.Exchange, notification.RoutingKey, properties, notification.Body, reason, cancellationToken);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task PublishAsync(string source, string key, BasicProperties properties, byte[] body, string reason, CancellationToken cancellationToken)
    {
        properties.DeliveryMode = DeliveryModes.Persistent;
        properties.Headers![ReasonHeader] = reason;
        properties.Headers[SourceHeader] = source;
        properties.Headers[IdHeader] = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        properties.Headers[TimeHeader] = new AmqpTimestamp(time.GetUtcNow().ToUnixTimeSeconds());
        try
        {
            await _channel.PublishAsync(Exchange, key, properties, body, cancellationToken);
        }
        catch (ArgumentException)
        {
            // What is not UTF-8 grows when it is read as text, and headers that filled a frame do not fit into one with ours. Better without them than not at
            // all: whoever waits for the dead letter would wait for ever.
            var kept = properties.Headers.Where(header => Kept.Contains(header.Key) && header.Value is AmqpTimestamp or string { Length: <= MaxKeptChars });
            var bare = new BasicProperties
            {
                DeliveryMode = DeliveryModes.Persistent,
                Headers = new Dictionary<string, object?>(kept) { [ReducedHeader] = true },
            };
            await _channel.PublishAsync(Exchange, Encoding.UTF8.GetByteCount(key) > MaxKeyBytes ? key[..MaxKeyChars] : key, bare, body, cancellationToken);
        }
        metrics.DeadLetterPublished(reason);
    }

    private static void Set(BasicProperties properties, string name, string value)
    {
        switch (name)
        {
            case "content-type":
                properties.ContentType = value;
                break;
            case "content-encoding":
                properties.ContentEncoding = value;
                break;
            case "correlation-id":
                properties.CorrelationId = value;
                break;
            case "type":
                properties.Type = value;
                break;
            case "app-id":
                properties.AppId = value;
                break;
            case "timestamp" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds):
                properties.Timestamp = new AmqpTimestamp(seconds);
                break;
            case "priority" when byte.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var priority):
                properties.Priority = priority;
                break;
            case "amqp-message-id" or "persistent":
                break;
            case "expiration" or "user-id" or "reply-to":
                AddFormer(properties.Headers!, name, value);
                break;
            case var other when !IsOurs(other):
                properties.Headers![name] = value;
                break;
        }
    }

    /// <summary>What a dead letter says of itself. A publisher's header of such a name would say it too, and whom it is sent back to.</summary>
    private static bool IsOurs(string header) => header.StartsWith(FormerPrefix, StringComparison.Ordinal);

    private static void AddFormer(IDictionary<string, object?> headers, string name, string? value)
    {
        if (value is not null)
            headers[FormerPrefix + name] = value;
    }

    /// <summary>Headers as the client encodes them: what <see cref="RabbitMqDelivery.Headers"/> makes portable goes back.</summary>
    private static object? Encodable(object? value) =>
        value switch
        {
            DateTimeOffset time => new AmqpTimestamp(time.ToUnixTimeSeconds()),
            ReadOnlyMemory<byte> binary => new BinaryTableValue(binary.ToArray()),
            IDictionary<string, object?> table => table.ToDictionary(entry => entry.Key, entry => Encodable(entry.Value)),
            IEnumerable<object?> list => list.Select(Encodable).ToList(),
            _ => value,
        };
}
