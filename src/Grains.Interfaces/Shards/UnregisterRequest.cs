namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Edge">The edge's name with its incarnation.</param>
/// <param name="Subscriptions">Numbers of subscriptions at that edge, with the user of each.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UnregisterRequest")]
public sealed record UnregisterRequest([property: Id(0)] string Edge, [property: Id(1)] UserSubscription[] Subscriptions);
