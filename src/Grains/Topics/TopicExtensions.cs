using Microsoft.Extensions.DependencyInjection;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Grains.Topics.Retained;

namespace NotifyOrleans.Grains.Topics;

/// <summary>Adds what topics need: live ones, their logs, and what is retained of them.</summary>
internal static class TopicExtensions
{
    public static IServiceCollection AddTopics(this IServiceCollection services)
    {
        services.AddSingleton<TopicFanout>();
        services.AddOptions<TopicLogOptions>();
        services.AddSingleton<TopicLogMetrics>();
        services.AddOptions<RetainedOptions>();
        services.AddSingleton<RetainedMetrics>();
        services.AddSingleton<DurablePatterns>();
        services.AddHostedService(provider => provider.GetRequiredService<DurablePatterns>());
        services.AddSingleton<TopicLogSweep>();
        services.AddHostedService(provider => provider.GetRequiredService<TopicLogSweep>());
        return services;
    }
}
