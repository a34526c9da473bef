using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Users;

/// <summary>Who calls a user's grain, and whom the caller believes to call.</summary>
/// <param name="Epoch">The shard's epoch.</param>
/// <param name="Incarnation">The activation that the caller has given subscriptions and messages to; 0 when it has given none. Another one refuses the
/// call.</param>
/// <param name="OfferedUpTo">An activation before this one was lost: up to here it may have offered anything.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UserCall")]
internal readonly record struct UserCall([property: Id(0)] long Epoch, [property: Id(1)] long Incarnation, [property: Id(2)] Place OfferedUpTo);
