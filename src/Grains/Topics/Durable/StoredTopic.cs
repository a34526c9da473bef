using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>A message in a log.</summary>
/// <param name="Number">Its number, from 1 without gaps.</param>
/// <param name="Total">Bytes of all messages of the log up to this one: what two of them differ by is what lies between.</param>
/// <param name="Attempted">AMQP said that it may have been delivered before.</param>
/// <param name="StoredAt">When it was stored, in milliseconds since the Unix epoch.</param>
/// <param name="IsCut">Only its exchange and key are there any more.</param>
/// <param name="Notification">The message.</param>
public sealed record StoredTopic(long Number, long Total, bool Attempted, long StoredAt, bool IsCut, Notification Notification);
