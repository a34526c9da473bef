namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Known">Whether the silo knows the link.</param>
/// <param name="ShardsVersion">Rises whenever the silo takes or gives up a shard; sent back with the next beat.</param>
/// <param name="Shards">The shards that the silo hosts, with their epochs; null when nothing has changed since the version that the edge sent.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.LinkBeat")]
public sealed record LinkBeat([property: Id(0)] bool Known, [property: Id(1)] long ShardsVersion, [property: Id(2)] HostedShard[]? Shards);
