namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Shard">The shard's number.</param>
/// <param name="Epoch">The epoch of its activation.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.HostedShard")]
public readonly record struct HostedShard([property: Id(0)] int Shard, [property: Id(1)] long Epoch);
