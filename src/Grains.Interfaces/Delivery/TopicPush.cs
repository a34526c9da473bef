using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>A topic message; the edge matches it against its sessions' patterns.</summary>
/// <param name="Redelivered">AMQP says that it may have been delivered before.</param>
/// <param name="Notification">The message.</param>
/// <param name="Number">Its number in the silo's log. Numbers rise within a lane.</param>
/// <param name="Stored">Its position in the durable log of its partition; null when no durable subscription matches it. Positions of one log come on one
/// lane.</param>
/// <param name="Retained">Its version among the retained messages of its exchange; 0 when it is not retained.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicPush")]
public sealed record TopicPush(
    [property: Id(0)] bool Redelivered,
    [property: Id(1)] Notification Notification,
    [property: Id(2)] long Number,
    [property: Id(3)] LogPosition? Stored = null,
    [property: Id(4)] long Retained = 0
);
