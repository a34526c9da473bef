using System.Text;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Tests.Ingress;

internal static class Deliveries
{
    public static RabbitMqDelivery Of(string key, string exchange = "notifications", object? recipients = null, string? expiration = null, byte[]? body = null, string? messageId = null) => new()
    {
        Queue = "q",
        ChannelEpoch = 1,
        Tag = 1,
        Exchange = exchange,
        RoutingKey = key,
        Headers = recipients is null ? null : new Dictionary<string, object?> { ["x-recipients"] = recipients },
        Expiration = expiration,
        MessageId = messageId,
        DeliveryMode = 2,
        Body = body ?? [1],
    };

    public static byte[] LongString(string text) => Encoding.UTF8.GetBytes(text);
}
