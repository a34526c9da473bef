using System.Text;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>The header by which a publisher has a topic message retained: <c>x-retain</c>, true as AMQP's boolean or as text.</summary>
internal static class RetainHeader
{
    public const string Name = "x-retain";

    public static bool IsOn(RabbitMqDelivery delivery)
    {
        object? value = null;
        return delivery.Headers?.TryGetValue(Name, out value) == true
            && value switch
            {
                bool flag => flag,
                byte[] text => Encoding.UTF8.GetString(text) == "true",
                _ => false,
            };
    }
}
