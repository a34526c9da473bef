using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Clustering;
using NotifyOrleans.Hosting.Configuration;
using Orleans.Configuration;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>Makes the node a silo of the cluster.</summary>
public static class ClusterExtensions
{
    public static WebApplicationBuilder AddCluster(this WebApplicationBuilder builder)
    {
        builder.Services.AddValidatedOptions<ClusteringOptions, ClusteringOptionsValidator>(ClusteringOptions.Section);
        builder.Services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusteringOptions>, FreePortsValidator>());
        builder.Services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster");
        builder.UseOrleans(silo => silo.JoinLocalhost().SetTimes().SetMemory().UseStrongDirectory());
        return builder;
    }

    private static ISiloBuilder JoinLocalhost(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<ClusterOptions>().Configure<IOptions<ClusteringOptions>>((cluster, configured) =>
        {
            cluster.ClusterId = configured.Value.ClusterId;
            cluster.ServiceId = configured.Value.ServiceId;
        });
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusteringOptions>>((endpoints, configured) =>
        {
            endpoints.AdvertisedIPAddress = IPAddress.Loopback;
            endpoints.SiloPort = configured.Value.SiloPort;
            endpoints.GatewayPort = configured.Value.GatewayPort;
        });
        return silo.UseDevelopmentClustering(primarySiloEndpoint: null);
    }

    private static ISiloBuilder SetTimes(this ISiloBuilder silo) => silo
        .Configure<ClusterMembershipOptions>(membership =>
        {
            // A dead silo's users get their next message within 5 s of its death: it is voted out after 3 to 4 s (Orleans' defaults: 15 s).
            // Three misses, not two: a garbage collection or a busy machine may cost one.
            membership.ProbeTimeout = TimeSpan.FromSeconds(1);
            membership.NumMissedProbesLimit = 3;
        })
        .Configure<SiloMessagingOptions>(messaging =>
        {
            // Far above what any call of ours needs; those that must learn of a loss sooner say so by [ResponseTimeout].
            messaging.ResponseTimeout = TimeSpan.FromSeconds(10);
            messaging.RequestProcessingWarningTime = TimeSpan.FromSeconds(5);
            messaging.RequestQueueDelayWarningTime = TimeSpan.FromSeconds(5);
            // An edge that is gone: until then its gateway queues messages for it, without a bound (Orleans' default: 1 minute).
            messaging.ClientDropTimeout = TimeSpan.FromSeconds(10);
            // A silo that stops tells its edges first, and gives them this time to go to another.
            messaging.ClientGatewayShutdownNotificationTimeout = TimeSpan.FromSeconds(1);
        });

    private static ISiloBuilder SetMemory(this ISiloBuilder silo) => silo.Configure<GrainCollectionOptions>(collection =>
    {
        // An idle user's grain costs 2 kB and 80 us to activate again: minutes are enough.
        collection.CollectionAge = TimeSpan.FromMinutes(2);
        // From 80 % of the memory (of the container's limit, where there is one) idle grains go sooner, down to 75 %.
        collection.EnableActivationSheddingOnMemoryPressure = true;
    });

    private static ISiloBuilder UseStrongDirectory(this ISiloBuilder silo)
    {
#pragma warning disable ORLEANSEXP003 // Experimental, and yet the better choice: the default directory lets a grain be active twice while membership changes.
        return silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
    }
}
