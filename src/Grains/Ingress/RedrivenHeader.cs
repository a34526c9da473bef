using System.Text;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// The header <c>x-redriven</c> of a dead letter that an operator has sent back: its <c>message-id</c> was seen before, and it is no repeat for that. As text
/// it is the user who had rejected it: of those whom its key addresses he alone gets it again. It names nobody else, as whoever may write a key may write this
/// header.
/// </summary>
public static class RedrivenHeader
{
    public const string Name = "x-redriven";

    public static bool IsOn(RabbitMqDelivery delivery) => delivery.Headers?.ContainsKey(Name) is true;

    /// <summary>The user who had rejected it; null when nobody had, or when it was not its key that addressed him.</summary>
    public static string? UserOf(RabbitMqDelivery delivery) =>
        delivery.Headers?.TryGetValue(Name, out var value) is true && value is byte[] text ? Encoding.UTF8.GetString(text) : null;
}
