namespace NotifyOrleans.Grains.Interfaces.Notifications;

/// <summary>
/// What a publisher sent, as it travels from the ingress to the sessions. One instance is shared by all its recipients.
/// </summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.Notification")]
public sealed class Notification
{
    /// <summary>The exchange it was published to.</summary>
    [Id(0)]
    public required string Exchange { get; init; }

    /// <summary>The routing key it was published with; <c>destination</c> shows it.</summary>
    [Id(1)]
    public required string RoutingKey { get; init; }

    /// <summary>AMQP headers and properties as STOMP headers, in the order and under the names of RabbitMQ's Web STOMP.</summary>
    [Id(2)]
    public NotificationHeader[] Headers { get; init; } = [];

    [Id(3)]
    public byte[] Body { get; init; } = [];

    /// <summary>AMQP <c>delivery_mode</c> 2. One that is not persistent reaches who is online and is never stored.</summary>
    [Id(4)]
    public bool Persistent { get; init; }

    /// <summary>AMQP <c>message-id</c>, the key by which repeats are found; null when the publisher gave none, or it is no repeat for certain.</summary>
    [Id(5)]
    public string? MessageId { get; init; }

    /// <summary>When AMQP <c>expiration</c> ends it, in milliseconds since the Unix epoch; 0 when it has none.</summary>
    [Id(6)]
    public long ExpiresAt { get; init; }

    /// <summary>Of a topic message: those who subscribe later get it too, until another of its key takes its place.</summary>
    [Id(7)]
    public bool Retain { get; init; }

    /// <summary>Bytes that it counts for in windows and limits: body, headers and key.</summary>
    public int Size
    {
        get
        {
            if (field == 0)
            {
                var size = Body.Length + Exchange.Length + RoutingKey.Length + (MessageId?.Length ?? 0) + 64;
                foreach (var header in Headers)
                    size += header.Name.Length + header.Value.Length + 2;
                field = size;
            }
            return field;
        }
    }
}
