using System.Net;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Hosting.Clustering;
using NotifyOrleans.Hosting.Configuration;
using Orleans.Configuration;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>Makes the node a silo of the cluster.</summary>
public static class ClusterExtensions
{
    public static WebApplicationBuilder AddCluster(this WebApplicationBuilder builder)
    {
        var services = builder.Services;
        services.AddValidatedOptions<ClusteringOptions, ClusteringOptionsValidator>(ClusteringOptions.Section);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusteringOptions>, SiloClusteringValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<ClusteringOptions>, FreePortsValidator>());
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<OutboxOptions>, SharedOutboxValidator>());
        services.AddSingleton<MembershipStoreAddress>();
        services.AddSingleton<MembershipTableState>();
        services.AddHealthChecks().AddCheck<ClusterHealthCheck>("cluster");
        // Health is answered while the silo waits for its membership table: the web server, the last of the services, does not wait for it.
        services.Configure<HostOptions>(host => host.ServicesStartConcurrently = true);
        builder.UseOrleans(silo => silo.SetNames().JoinBy(ClusteringOptions.ProviderIn(builder.Configuration)).SetTimes().SetMemory().UseStrongDirectory());
        return builder;
    }

    private static ISiloBuilder SetNames(this ISiloBuilder silo)
    {
        silo.Services.AddOptions<ClusterOptions>()
            .Configure<IOptions<ClusteringOptions>>(
                (cluster, configured) =>
                {
                    cluster.ClusterId = configured.Value.ClusterId;
                    cluster.ServiceId = configured.Value.ServiceId;
                }
            );
        silo.Services.AddOptions<EndpointOptions>().Configure<IOptions<ClusteringOptions>>(SetEndpoints);
        return silo;
    }

    private static void SetEndpoints(EndpointOptions endpoints, IOptions<ClusteringOptions> configured)
    {
        var options = configured.Value;
        if (options.Provider == ClusteringProvider.Localhost)
            endpoints.AdvertisedIPAddress = IPAddress.Loopback;
        else if (options.AdvertisedAddress.Length > 0)
            endpoints.AdvertisedIPAddress = IPAddress.Parse(options.AdvertisedAddress);
        endpoints.SiloPort = options.SiloPort;
        endpoints.GatewayPort = options.GatewayPort;
        if (options.ListeningAddress.Length == 0)
            return;
        var listening = IPAddress.Parse(options.ListeningAddress);
        endpoints.SiloListeningEndpoint = new IPEndPoint(listening, options.SiloPort);
        endpoints.GatewayListeningEndpoint = new IPEndPoint(listening, options.GatewayPort);
    }

    private static ISiloBuilder JoinBy(this ISiloBuilder silo, ClusteringProvider provider) =>
        provider switch
        {
            ClusteringProvider.PostgreSql => silo.UsePostgreSqlMembership(),
            ClusteringProvider.Redis => silo.UseRedisMembership(),
            _ => silo.UseDevelopmentClustering(primarySiloEndpoint: null),
        };

    private static ISiloBuilder SetTimes(this ISiloBuilder silo) =>
        silo.Configure<ClusterMembershipOptions>(membership =>
            {
                // A dead silo's users get their next message within 5 s of its death: it is voted out after 2 to 3 s, one that hangs after 3 to 4 s (Orleans'
                // defaults: 15 s). Three misses, not two: a garbage collection or a busy machine may cost one.
                membership.ProbeTimeout = TimeSpan.FromSeconds(1);
                membership.NumMissedProbesLimit = 3;
                // The time-out follows neither what was measured before (down to a half, so that a pause of 1.5 s would be a death) nor the state of this silo
                // (up to four times, for which the promise leaves no room). Its upper end is also how long a silo is taken as alive for a message that came
                // from it.
                membership.MinProbeTimeout = membership.MaxProbeTimeout = membership.ProbeTimeout;
                // Of two silos the vote of one is enough, whatever the limit of votes says (two).
                // Gossip tells of a change at once; who missed it reads it (Orleans' default: 1 minute).
                membership.TableRefreshTimeout = TimeSpan.FromSeconds(5);
                // A silo that starts asks all who are in the table for an answer before it joins. Who died together with everybody who could have noticed is
                // passed over after three of these (Orleans' default: 30 s, so that the first silo after a power cut would wait for a minute and a half).
                membership.IAmAliveTablePublishTimeout = TimeSpan.FromSeconds(5);
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

    private static ISiloBuilder SetMemory(this ISiloBuilder silo) =>
        silo.Configure<GrainCollectionOptions>(collection =>
        {
            // An idle user's grain costs 2 kB and 80 us to activate again: minutes are enough.
            collection.CollectionAge = TimeSpan.FromMinutes(2);
            // From 80 % of the memory (of the container's limit, where there is one) idle grains go sooner, down to 75 %.
            collection.EnableActivationSheddingOnMemoryPressure = true;
        });

    private static ISiloBuilder UseStrongDirectory(this ISiloBuilder silo)
    {
#pragma warning disable ORLEANSEXP003 // Experimental, and yet the better choice: the default directory lets a grain be active twice while membership changes.
        silo.AddDistributedGrainDirectory();
#pragma warning restore ORLEANSEXP003
        // By default it keeps the grains of a silo that has died from being active elsewhere for 30 s, in case the silo only hangs. Here each write of an owner
        // that was replaced is refused by its epoch, so nothing is waited for.
        return silo.Configure<GrainDirectoryOptions>(directory => directory.RangeLeaseDuration = TimeSpan.Zero);
    }
}
