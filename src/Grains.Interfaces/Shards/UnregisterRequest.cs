namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Edge">The edge's name with its incarnation.</param>
/// <param name="Subscriptions">Numbers of subscriptions at that edge, with the user of each.</param>
/// <param name="Link">
/// The link that has ended, when that is why: what the edge has registered over a newer one meanwhile, or with a silo that hosts the shard by now, stays.
/// Null when the edge itself takes them away.
/// </param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UnregisterRequest")]
public sealed record UnregisterRequest(
    [property: Id(0)] string Edge,
    [property: Id(1)] UserSubscription[] Subscriptions,
    [property: Id(2)] EndedLink? Link = null
);
