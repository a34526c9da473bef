using Orleans.Placement;

namespace NotifyOrleans.Grains.Placement;

/// <summary>Marks a grain that lives on the silo which its key names.</summary>
[AttributeUsage(AttributeTargets.Class, AllowMultiple = false)]
public sealed class SiloPinnedAttribute() : PlacementAttribute(new SiloPinnedPlacement());
