using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime.Hosting;

namespace NotifyOrleans.Grains.Placement;

/// <summary>Adds where grains live, and how they are found.</summary>
public static class PlacementExtensions
{
    /// <summary>Adds it once, however often it is called.</summary>
    public static IServiceCollection AddPlacement(this IServiceCollection services)
    {
        if (services.Any(service => service.ServiceType == typeof(GrainReferences)))
            return services;
        services.AddPlacementDirector<SiloPinnedPlacement, SiloPinnedPlacementDirector>();
        services.AddPlacementDirector<ShardPlacement, ShardPlacementDirector>();
        services.AddGrainDirectory(LocalGrainDirectory.Name, (_, _) => new LocalGrainDirectory());
        return services.AddSingleton<GrainReferences>();
    }
}
