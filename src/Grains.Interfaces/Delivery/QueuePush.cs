using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>A message of a broker queue for one subscription, or what has become of the subscription; in order.</summary>
/// <param name="Subscription">The subscription's number at the edge.</param>
/// <param name="User">Whose subscription it is; the edge writes the message to no other user's session.</param>
/// <param name="Kind">What it is.</param>
/// <param name="Place">The subscription's registration, and the broker's delivery tag.</param>
/// <param name="Redelivered">The broker says that it may have been delivered before.</param>
/// <param name="Notification">The message; null when it is none.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.QueuePush")]
public sealed record QueuePush(
    [property: Id(0)] long Subscription,
    [property: Id(1)] string User,
    [property: Id(2)] QueuePushKind Kind,
    [property: Id(3)] Place Place,
    [property: Id(4)] bool Redelivered,
    [property: Id(5)] Notification? Notification
)
{
    /// <summary>Bytes that it counts for in batches.</summary>
    public int Size => Notification?.Size ?? 64;
}
