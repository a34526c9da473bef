using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>The connection to the silos.</summary>
internal static class ClusterExtensions
{
    public static IServiceCollection AddCluster(this IServiceCollection services)
    {
        services.AddValidatedOptions<ClusterOptions, ClusterOptionsValidator>(ClusterOptions.Section);
        services.AddSingleton<ClusterConnection>();
        services.AddHostedService(provider => provider.GetRequiredService<ClusterConnection>());
        return services;
    }
}
