using System.Globalization;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Silo.Broker;
using NotifyOrleans.Silo.Ingress;
using NotifyOrleans.Streaming.RabbitMQ;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.DeadLetters;

/// <summary>
/// Publishes to the exchange of dead letters, which leads to a queue of the same name. The routing key stays; headers say why, and where the message was
/// published.
/// </summary>
internal sealed class DeadLetterExchange(BrokerConnections connections, IngressMetrics metrics, TimeProvider time) : IDeadLetters, IAsyncDisposable
{
    public const string Name = "notifyorleans.dead-letters";

    /// <summary>Of a text that a reduced dead letter keeps.</summary>
    private const int MaxKeptChars = 255;

    /// <summary>Characters that a key takes, whichever they are.</summary>
    private const int MaxKeyChars = ShortString.MaxBytes / 3;

    /// <summary>The queue keeps the newest: a publisher that goes wrong must not fill the broker's disk.</summary>
    private const int MaxLength = 100_000;

    private readonly ConfirmedChannel _channel = new(connections.DeadLetters);

    public static async Task DeclareAsync(IChannel channel, CancellationToken cancellationToken)
    {
        await channel.ExchangeDeclareAsync(Name, ExchangeType.Fanout, durable: true, autoDelete: false, cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            Name,
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "classic", ["x-max-length"] = MaxLength },
            cancellationToken: cancellationToken
        );
        await channel.QueueBindAsync(Name, Name, "", cancellationToken: cancellationToken);
    }

    public async Task PublishAsync(RabbitMqDelivery delivery, string reason, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties
        {
            Headers = (delivery.Headers ?? new Dictionary<string, object?>())
                .Where(header => !DeadLetterHeaders.IsOurs(header.Key))
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
        DeadLetterHeaders.AddFormer(properties.Headers, "expiration", delivery.Expiration);
        DeadLetterHeaders.AddFormer(properties.Headers, "user-id", delivery.UserId);
        await PublishAsync(delivery.Exchange, delivery.RoutingKey, properties, delivery.Body, reason, cancellationToken);
    }

    public async Task PublishAsync(Notification notification, Recipient recipient, string reason, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties { Headers = new Dictionary<string, object?>(), MessageId = notification.MessageId };
        // The first of a name is the one that counted.
        foreach (var (name, value) in notification.Headers.Reverse())
            Set(properties, name, value);
        properties.Headers[recipient.FilterKey == notification.RoutingKey ? DeadLetterHeaders.RejectedBy : DeadLetterHeaders.Recipient] = recipient.User;
        await PublishAsync(notification.Exchange, notification.RoutingKey, properties, notification.Body, reason, cancellationToken);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    private async Task PublishAsync(string source, string key, BasicProperties properties, byte[] body, string reason, CancellationToken cancellationToken)
    {
        properties.DeliveryMode = DeliveryModes.Persistent;
        properties.Headers![DeadLetterHeaders.Reason] = reason;
        properties.Headers[DeadLetterHeaders.Source] = source;
        properties.Headers[DeadLetterHeaders.Id] = Guid.CreateVersion7(time.GetUtcNow()).ToString();
        properties.Headers[DeadLetterHeaders.Time] = new AmqpTimestamp(time.GetUtcNow().ToUnixTimeSeconds());
        try
        {
            await _channel.PublishAsync(Name, key, properties, body, cancellationToken);
        }
        catch (ArgumentException)
        {
            // What is not UTF-8 grows when it is read as text, and headers that filled a frame do not fit into one with ours. Better without them than not at
            // all: whoever waits for the dead letter would wait for ever.
            var kept = properties.Headers.Where(header =>
                DeadLetterHeaders.Kept.Contains(header.Key) && header.Value is AmqpTimestamp or string { Length: <= MaxKeptChars }
            );
            var bare = new BasicProperties
            {
                DeliveryMode = DeliveryModes.Persistent,
                Headers = new Dictionary<string, object?>(kept) { [DeadLetterHeaders.Reduced] = true },
            };
            await _channel.PublishAsync(Name, ShortString.IsTooLong(key) ? key[..MaxKeyChars] : key, bare, body, cancellationToken);
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
                DeadLetterHeaders.AddFormer(properties.Headers!, name, value);
                break;
            case var other when !DeadLetterHeaders.IsOurs(other):
                properties.Headers![name] = value;
                break;
        }
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
