using Orleans.Runtime.Placement;

namespace NotifyOrleans.Grains.Placement;

/// <summary>Chooses a shard's home among the silos that can host it.</summary>
internal sealed class ShardPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context) =>
        Task.FromResult(ShardHome.Of(target.GrainIdentity.GetIntegerKey(), context.GetCompatibleSilos(target)));
}
