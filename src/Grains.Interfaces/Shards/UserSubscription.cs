namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="User">The user whose subscription it is.</param>
/// <param name="Id">The subscription's number at its edge.</param>
/// <param name="Lost">Its session went without a goodbye: what it misses is kept for the next subscription to the same destination, for a while.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UserSubscription")]
public readonly record struct UserSubscription([property: Id(0)] string User, [property: Id(1)] long Id, [property: Id(2)] bool Lost = false);
