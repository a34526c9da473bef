using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Clustering;
using NotifyOrleans.Hosting.Configuration;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>The connection to the silos.</summary>
internal static class ClusterExtensions
{
    public static WebApplicationBuilder AddCluster(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<ClusteringOptions, ClusteringOptionsValidator>(ClusteringOptions.Section);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusteringOptions>, EdgeClusteringValidator>());
        builder.Services.AddSingleton<MembershipStoreAddress>();
        builder.Services.AddSingleton<RememberedGateways>();
        builder.Services.AddSingleton<SiloFinder>();
        builder.Services.AddSingleton<ClusterConnection>();
        builder.Services.AddHostedService(provider => provider.GetRequiredService<ClusterConnection>());
        return builder;
    }
}
