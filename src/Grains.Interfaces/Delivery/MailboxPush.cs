using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>A message of a user for one subscription.</summary>
/// <param name="Subscription">The subscription's number at the edge.</param>
/// <param name="User">Whose message it is; the edge writes it to no other user's session.</param>
/// <param name="ShardEpoch">Epoch of the shard that offers it; the edge takes none older than it has seen for that shard.</param>
/// <param name="Place">The message's place.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
/// <param name="Dropped">Messages that limits have dropped before it and that no one was told of yet.</param>
/// <param name="Notification">The message; of no meaning when <paramref name="IsEnd"/>.</param>
/// <param name="IsEnd">There is no message, see <see cref="End"/>.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.MailboxPush")]
public sealed record MailboxPush(
    [property: Id(0)] long Subscription,
    [property: Id(1)] string User,
    [property: Id(2)] long ShardEpoch,
    [property: Id(3)] Place Place,
    [property: Id(4)] bool Redelivered,
    [property: Id(5)] long Dropped,
    [property: Id(6)] Notification Notification,
    [property: Id(7)] bool IsEnd = false
)
{
    // On the wire there is always one.
    private static readonly Notification NoMessage = new() { Exchange = "", RoutingKey = "" };

    /// <summary>No message: another session has ended the durable subscription that this one belongs to.</summary>
    /// <param name="subscription">The subscription's number at the edge.</param>
    /// <param name="mailbox">The key of the mailbox that has ended.</param>
    /// <param name="shardEpoch">Epoch of the shard that ends it.</param>
    /// <param name="newest">The place of its newest message.</param>
    public static MailboxPush End(long subscription, string mailbox, long shardEpoch, Place newest) =>
        new(subscription, mailbox, shardEpoch, newest, Redelivered: false, Dropped: 0, NoMessage, IsEnd: true);
}
