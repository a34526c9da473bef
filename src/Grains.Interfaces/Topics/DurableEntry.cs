using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <param name="Log">The log that it is in.</param>
/// <param name="Number">Its number there.</param>
/// <param name="Redelivered">AMQP said that it may have been delivered before.</param>
/// <param name="Notification">The message.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DurableEntry")]
public sealed record DurableEntry(
    [property: Id(0)] string Log,
    [property: Id(1)] long Number,
    [property: Id(2)] bool Redelivered,
    [property: Id(3)] Notification Notification
);
