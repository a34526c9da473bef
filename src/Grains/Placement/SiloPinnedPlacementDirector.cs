using NotifyOrleans.Grains.Interfaces.Delivery;
using Orleans.Runtime.Placement;

namespace NotifyOrleans.Grains.Placement;

/// <summary>Finds the silo that a key names. When it has left, the call fails at once: another silo could not stand in for it.</summary>
internal sealed class SiloPinnedPlacementDirector : IPlacementDirector
{
    public Task<SiloAddress> OnAddActivation(PlacementStrategy strategy, PlacementTarget target, IPlacementContext context)
    {
        var silo = SiloAddress.FromParsableString(LinkKey.SiloOf(target.GrainIdentity.Key.ToString()!));
        return context.GetCompatibleSilos(target).Contains(silo)
            ? Task.FromResult(silo)
            : Task.FromException<SiloAddress>(new SiloUnavailableException($"The silo {silo} that {target.GrainIdentity} belongs to is not active."));
    }
}
