namespace NotifyOrleans.Streaming.RabbitMQ;

/// <summary>
/// One AMQP delivery. It stays unacknowledged until it is settled by queue, channel epoch and tag (<see cref="Settlement.IDeliverySettler"/>).
/// A property that the publisher did not set is null (AMQP 0-9-1, 2.3.7 and the basic class).
/// </summary>
[GenerateSerializer, Immutable, Alias("Streaming.RabbitMQ.Delivery")]
public sealed class RabbitMqDelivery
{
    /// <summary>The stream's queue; settlements name it.</summary>
    [Id(0)]
    public required string Queue { get; init; }

    /// <summary>Rises with every channel that the queue is consumed on. Tags are counted anew in each.</summary>
    [Id(1)]
    public required long ChannelEpoch { get; init; }

    /// <summary>The delivery tag, from 1 without gaps.</summary>
    [Id(2)]
    public required ulong Tag { get; init; }

    /// <summary>The broker has delivered it before, and it was not acknowledged.</summary>
    [Id(3)]
    public bool Redelivered { get; init; }

    [Id(4)]
    public required string Exchange { get; init; }

    [Id(5)]
    public required string RoutingKey { get; init; }

    /// <summary>
    /// The headers table, in the publisher's order. Values are as RabbitMQ.Client decodes them (a long string is a <c>byte[]</c>, an array a <c>List</c>, a
    /// table a <c>Dictionary</c>), except that a timestamp is a <see cref="DateTimeOffset"/> and a byte array a <c>ReadOnlyMemory&lt;byte&gt;</c>.
    /// </summary>
    [Id(6)]
    public IReadOnlyDictionary<string, object?>? Headers { get; init; }

    [Id(7)]
    public string? ContentType { get; init; }

    [Id(8)]
    public string? ContentEncoding { get; init; }

    /// <summary>1 = transient, 2 = persistent.</summary>
    [Id(9)]
    public byte? DeliveryMode { get; init; }

    [Id(10)]
    public byte? Priority { get; init; }

    [Id(11)]
    public string? CorrelationId { get; init; }

    [Id(12)]
    public string? ReplyTo { get; init; }

    /// <summary>Milliseconds, as text.</summary>
    [Id(13)]
    public string? Expiration { get; init; }

    [Id(14)]
    public string? MessageId { get; init; }

    /// <summary>Seconds since the Unix epoch.</summary>
    [Id(15)]
    public long? Timestamp { get; init; }

    [Id(16)]
    public string? Type { get; init; }

    [Id(17)]
    public string? UserId { get; init; }

    [Id(18)]
    public string? AppId { get; init; }

    [Id(19)]
    public string? ClusterId { get; init; }

    /// <summary>The body, a copy of its own.</summary>
    [Id(20)]
    public required byte[] Body { get; init; }
}
