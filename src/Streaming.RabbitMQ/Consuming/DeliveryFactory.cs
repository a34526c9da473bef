using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>Makes a delivery of what the client hands to a consumer.</summary>
public static class DeliveryFactory
{
    /// <summary>
    /// How deep tables and lists within headers are kept: whoever goes through them later does so by recursion, and nobody means anything by more.
    /// </summary>
    private const int MaxDepth = 32;

    public static RabbitMqDelivery Create(
        string queue,
        long epoch,
        ulong tag,
        bool redelivered,
        string exchange,
        string routingKey,
        IReadOnlyBasicProperties properties,
        byte[] body
    ) =>
        new()
        {
            Queue = queue,
            ChannelEpoch = epoch,
            Tag = tag,
            Redelivered = redelivered,
            Exchange = exchange,
            RoutingKey = routingKey,
            Headers = properties.IsHeadersPresent() ? Portable(properties.Headers!, MaxDepth) : null,
            ContentType = properties.IsContentTypePresent() ? properties.ContentType : null,
            ContentEncoding = properties.IsContentEncodingPresent() ? properties.ContentEncoding : null,
            DeliveryMode = properties.IsDeliveryModePresent() ? (byte)properties.DeliveryMode : null,
            Priority = properties.IsPriorityPresent() ? properties.Priority : null,
            CorrelationId = properties.IsCorrelationIdPresent() ? properties.CorrelationId : null,
            ReplyTo = properties.IsReplyToPresent() ? properties.ReplyTo : null,
            Expiration = properties.IsExpirationPresent() ? properties.Expiration : null,
            MessageId = properties.IsMessageIdPresent() ? properties.MessageId : null,
            Timestamp = properties.IsTimestampPresent() ? properties.Timestamp.UnixTime : null,
            Type = properties.IsTypePresent() ? properties.Type : null,
            UserId = properties.IsUserIdPresent() ? properties.UserId : null,
            AppId = properties.IsAppIdPresent() ? properties.AppId : null,
            ClusterId = properties.IsClusterIdPresent() ? properties.ClusterId : null,
            Body = body,
        };

    /// <summary>The table with types in it that any serializer knows, and null for what lies too deep.</summary>
    private static Dictionary<string, object?> Portable(IDictionary<string, object?> table, int depth)
    {
        var result = new Dictionary<string, object?>(table.Count);
        foreach (var (name, value) in table)
            result[name] = Portable(value, depth);
        return result;
    }

    private static object? Portable(object? value, int depth) =>
        value switch
        {
            AmqpTimestamp timestamp => DateTimeOffset.FromUnixTimeSeconds(Math.Clamp(timestamp.UnixTime, 0, DateTimeOffset.MaxValue.ToUnixTimeSeconds())),
            BinaryTableValue binary => new ReadOnlyMemory<byte>(binary.Bytes),
            IDictionary<string, object?> table => depth > 0 ? Portable(table, depth - 1) : null,
            IList<object?> list => depth > 0 ? list.Select(element => Portable(element, depth - 1)).ToList() : null,
            _ => value,
        };
}
