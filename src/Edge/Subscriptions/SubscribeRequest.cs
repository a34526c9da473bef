using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>A SUBSCRIBE that was read.</summary>
/// <param name="Id">The client's name for it.</param>
/// <param name="Destination">What is subscribed to.</param>
/// <param name="AckMode">When a message counts as delivered.</param>
/// <param name="Prefetch">Messages that may be on their way at a time.</param>
/// <param name="Frame">The frame, for headers that only some feeds look at.</param>
internal sealed record SubscribeRequest(SubscriptionId Id, Destination Destination, AckMode AckMode, int Prefetch, StompFrame Frame)
{
    /// <summary>Whether it is to outlive its session: RabbitMQ's <c>durable:true</c> or <c>persistent:true</c>. Then it has an <c>id</c>.</summary>
    public bool IsDurable { get; } = IsDurableFrame(Frame);

    /// <summary>Whether a SUBSCRIBE makes a durable subscription, or an UNSUBSCRIBE ends one for good.</summary>
    public static bool IsDurableFrame(StompFrame frame) => frame[StompHeaderNames.Durable] == "true" || frame[StompHeaderNames.Persistent] == "true";
}
