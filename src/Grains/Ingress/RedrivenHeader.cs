using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>The header <c>x-redriven</c> of a dead letter that an operator has sent back: its <c>message-id</c> was seen before, and it is no repeat for that.</summary>
public static class RedrivenHeader
{
    public const string Name = "x-redriven";

    public static bool IsOn(RabbitMqDelivery delivery) => delivery.Headers?.ContainsKey(Name) is true;
}
