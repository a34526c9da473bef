namespace NotifyOrleans.Grains.Placement;

/// <summary>Places a grain on the silo that its key names; see <c>LinkKey</c>.</summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.SiloPinnedPlacement")]
public sealed class SiloPinnedPlacement : PlacementStrategy;
