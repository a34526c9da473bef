using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>A message that the shard has given its place in a user's mailbox.</summary>
/// <param name="Place">Its place.</param>
/// <param name="FilterKey">The key that subscriptions are matched against.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
/// <param name="Notification">The message.</param>
/// <param name="Twin">In the mailbox of a durable subscription: the number, in the same epoch, of the same message in the user's own; 0 when it is not
/// there.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.MailboxMessage")]
public sealed record MailboxMessage(
    [property: Id(0)] Place Place,
    [property: Id(1)] string FilterKey,
    [property: Id(2)] bool Redelivered,
    [property: Id(3)] Notification Notification,
    [property: Id(4)] long Twin = 0
)
{
    /// <summary>Whether the publisher's <c>expiration</c> has ended it.</summary>
    public bool IsExpired(DateTimeOffset now) => Notification.ExpiresAt > 0 && Notification.ExpiresAt <= now.ToUnixTimeMilliseconds();

    /// <summary>The row that it is stored as.</summary>
    /// <param name="mailbox">The key of the mailbox that it is in.</param>
    /// <param name="isAttempted">It was offered to somebody.</param>
    /// <param name="now">The time of storing.</param>
    /// <param name="timeToLive">How long the outbox keeps it; the publisher's <c>expiration</c> ends it when that is sooner.</param>
    internal StoredMessage ToRow(string mailbox, bool isAttempted, DateTimeOffset now, TimeSpan timeToLive)
    {
        var expiresAt = (now + timeToLive).ToUnixTimeMilliseconds();
        if (Notification.ExpiresAt > 0)
            expiresAt = Math.Min(expiresAt, Notification.ExpiresAt);
        return new StoredMessage(mailbox, Place, FilterKey, isAttempted || Redelivered, now.ToUnixTimeMilliseconds(), expiresAt, Notification) { Twin = Twin };
    }
}
