namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Silo">The silo that hosts the shard.</param>
/// <param name="Epoch">The shard's epoch.</param>
/// <param name="Link">The number of the link over which that silo pushes to the subscriptions; 0 when it has no link to the edge: nothing was registered, open
/// the link and ask again.</param>
/// <param name="Refused">Numbers of durable subscriptions that their users have no room for; the others were registered.</param>
/// <param name="Postponed">Numbers of durable subscriptions that cannot be written down now: ask for them again.</param>
/// <param name="Ended">Numbers of durable subscriptions that were registered before and that there are not any more: their sessions are to be told.</param>
/// <remarks>Number 2 on the wire was a flag where the link is now.</remarks>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RegisterReply")]
public sealed record RegisterReply(
    [property: Id(0)] string Silo,
    [property: Id(1)] long Epoch,
    [property: Id(6)] long Link,
    [property: Id(3)] long[]? Refused = null,
    [property: Id(4)] long[]? Postponed = null,
    [property: Id(5)] long[]? Ended = null
);
