using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>A message of a user for one subscription.</summary>
/// <param name="Subscription">The subscription's number at the edge.</param>
/// <param name="User">Whose message it is; the edge writes it to no other user's session.</param>
/// <param name="ShardEpoch">Epoch of the shard that offers it; the edge takes none older than it has seen for that shard.</param>
/// <param name="Place">The message's place.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
/// <param name="Dropped">Messages that limits have dropped before it and that no one was told of yet.</param>
/// <param name="Notification">The message.</param>
/// <param name="IsEnd">There is no message: another session has ended the durable subscription that this one belongs to.</param>
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
);
