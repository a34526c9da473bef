using Microsoft.Extensions.DependencyInjection;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Adds what dispatchers need.</summary>
internal static class DispatcherExtensions
{
    public static IServiceCollection AddDispatchers(this IServiceCollection services)
    {
        services.AddSingleton<DeliveryReader>();
        services.AddSingleton<IDeliveryRouter, DeliveryRouter>();
        services.AddSingleton<DispatcherMetrics>();
        return services;
    }
}
