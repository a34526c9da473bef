using System.Text;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Tests.Ingress;

internal static class Deliveries
{
    public static RabbitMqDelivery Of(
        string key,
        string exchange = "notifications",
        object? recipients = null,
        string? expiration = null,
        byte[]? body = null,
        string? messageId = null,
        object? redriven = null
    ) =>
        new()
        {
            Queue = "q",
            ChannelEpoch = 1,
            Tag = 1,
            Exchange = exchange,
            RoutingKey = key,
            Headers = HeadersOf(("x-recipients", recipients), ("x-redriven", redriven)),
            Expiration = expiration,
            MessageId = messageId,
            DeliveryMode = 2,
            Body = body ?? [1],
        };

    public static byte[] LongString(string text) => Encoding.UTF8.GetBytes(text);

    private static Dictionary<string, object?>? HeadersOf(params (string Name, object? Value)[] headers) =>
        headers.All(header => header.Value is null)
            ? null
            : headers.Where(header => header.Value is not null).ToDictionary(header => header.Name, header => header.Value);
}
