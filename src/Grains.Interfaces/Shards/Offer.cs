using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <summary>One delivery for one user.</summary>
/// <param name="Tag">The AMQP delivery tag.</param>
/// <param name="User">The recipient.</param>
/// <param name="FilterKey">The key that the user's subscriptions are matched against: the routing key, or <c>user.{user}</c> for a recipient named by the
/// header.</param>
/// <param name="Redelivered">AMQP says that it may have been delivered before.</param>
/// <param name="Notification">The message, shared by its recipients.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.Offer")]
public sealed record Offer(
    [property: Id(0)] ulong Tag,
    [property: Id(1)] string User,
    [property: Id(2)] string FilterKey,
    [property: Id(3)] bool Redelivered,
    [property: Id(4)] Notification Notification
);
