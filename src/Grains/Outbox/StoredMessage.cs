using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Outbox;

/// <summary>One row: a message that its user has not been delivered yet.</summary>
/// <param name="User">The key of the mailbox that it is in.</param>
/// <param name="Place">Its place; rows of a mailbox are kept in this order.</param>
/// <param name="FilterKey">The key that subscriptions are matched against.</param>
/// <param name="Attempted">It was offered before it was stored, or AMQP said that it was redelivered.</param>
/// <param name="StoredAt">When it was stored, in milliseconds since the Unix epoch.</param>
/// <param name="ExpiresAt">When its time ends (the outbox's time-to-live, or the publisher's if that is sooner), in milliseconds since the Unix epoch.</param>
/// <param name="Notification">The message.</param>
public sealed record StoredMessage(string User, Place Place, string FilterKey, bool Attempted, long StoredAt, long ExpiresAt, Notification Notification)
{
    /// <summary>Number, in the epoch of <see cref="Place"/>, of the same message in the user's own mailbox; 0 for one that is there.</summary>
    public long Twin { get; init; }

    public StoredKey Key => new(User, Place, Notification.MessageId, ExpiresAt);
}
