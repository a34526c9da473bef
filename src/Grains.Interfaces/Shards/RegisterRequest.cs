namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Edge">The edge's name with its incarnation: never the same again after a restart.</param>
/// <param name="Subscriptions">Subscriptions of users of this shard.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.RegisterRequest")]
public sealed record RegisterRequest([property: Id(0)] string Edge, [property: Id(1)] MailboxSubscription[] Subscriptions);
