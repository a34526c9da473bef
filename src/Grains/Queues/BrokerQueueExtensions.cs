using Microsoft.Extensions.DependencyInjection;

namespace NotifyOrleans.Grains.Queues;

/// <summary>Adds what broker queues need.</summary>
internal static class BrokerQueueExtensions
{
    public static IServiceCollection AddBrokerQueues(this IServiceCollection services)
    {
        services.AddOptions<QueuesOptions>();
        services.AddSingleton<QueueMetrics>();
        return services;
    }
}
