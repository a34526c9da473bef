using Microsoft.Extensions.DependencyInjection;

namespace NotifyOrleans.Grains.Shards;

/// <summary>Adds what shards need, and who looks after them.</summary>
internal static class ShardExtensions
{
    public static IServiceCollection AddShards(this IServiceCollection services)
    {
        services.AddSingleton<HostedShards>();
        services.AddSingleton<ChannelFence>();
        services.AddSingleton<SettlementQueue>();
        services.AddSingleton<ShardMetrics>();
        services.AddHostedService<ShardSweeper>();
        services.AddHostedService<ShardBalancer>();
        return services;
    }
}
