namespace NotifyOrleans.Grains.Placement;

/// <summary>Places a shard on the silo that it belongs to; see <see cref="ShardHome"/>.</summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.ShardPlacement")]
public sealed class ShardPlacement : PlacementStrategy;
