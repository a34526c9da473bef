using Microsoft.Extensions.DependencyInjection;

namespace NotifyOrleans.Grains.Events;

/// <summary>Adds what events about users need, and who looks for those that are due.</summary>
internal static class UserEventExtensions
{
    public static IServiceCollection AddUserEvents(this IServiceCollection services)
    {
        services.AddOptions<EventsOptions>();
        services.AddSingleton<UserEventMetrics>();
        services.AddHostedService<UndeliveredSweep>();
        return services;
    }
}
