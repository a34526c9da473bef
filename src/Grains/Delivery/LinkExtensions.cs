using Microsoft.Extensions.DependencyInjection;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>Adds the links to edges.</summary>
internal static class LinkExtensions
{
    public static IServiceCollection AddLinks(this IServiceCollection services)
    {
        services.AddOptions<DeliveryOptions>();
        services.AddSingleton<DeliveryMetrics>();
        services.AddSingleton<EdgeLinks>();
        services.AddSingleton<IEdgeLinks>(provider => provider.GetRequiredService<EdgeLinks>());
        services.AddHostedService(provider => provider.GetRequiredService<EdgeLinks>());
        return services;
    }
}
