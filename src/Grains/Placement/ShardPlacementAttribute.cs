using Orleans.Placement;

namespace NotifyOrleans.Grains.Placement;

/// <summary>Marks the grain of a shard, which lives on the silo that <see cref="ShardHome"/> names.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class ShardPlacementAttribute() : PlacementAttribute(new ShardPlacement());
