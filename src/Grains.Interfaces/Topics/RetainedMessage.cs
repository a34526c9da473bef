using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>The last message of a routing key.</summary>
/// <param name="Version">Rises with each message that is set in the exchange: the time in microseconds since the Unix epoch, or a little more.</param>
/// <param name="Notification">The message.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RetainedMessage")]
public sealed record RetainedMessage([property: Id(0)] long Version, [property: Id(1)] Notification Notification);
