using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Options;
using NotifyOrleans.Hosting.Clustering;
using Npgsql;
using Orleans.Messaging;

namespace NotifyOrleans.Edge.Cluster;

/// <summary>Where an Orleans client finds silos: at the addresses in the settings, else in the membership table.</summary>
internal sealed class SiloFinder(IOptions<ClusteringOptions> options, MembershipStoreAddress store, RememberedGateways remembered)
{
    /// <summary>What a client is to be built with.</summary>
    /// <exception cref="SocketException">No name of a gateway can be resolved now.</exception>
    public async Task<Action<IClientBuilder>> FindAsync(CancellationToken cancellationToken)
    {
        var settings = options.Value;
        if (settings.Gateways.Count == 0 && settings.Provider == ClusteringProvider.PostgreSql)
            return UsePostgreSql;
        if (settings.Gateways.Count == 0 && settings.Provider == ClusteringProvider.Redis)
            return UseRedis;
        var gateways = await ResolveAsync(settings.Gateways.Count > 0 ? settings.Gateways : [$"127.0.0.1:{settings.GatewayPort}"], cancellationToken);
        return client => client.UseStaticClustering(gateways);
    }

    private void UsePostgreSql(IClientBuilder client)
    {
        // Of this client, and disposed with it.
        client.Services.AddSingleton(_ => store.CreateDataSource());
        client.UseAdoNetClustering(clustering =>
            clustering.Configure<NpgsqlDataSource>(
                (table, dataSource) =>
                {
                    table.Invariant = "Npgsql";
                    table.DataSource = dataSource;
                }
            )
        );
        Remember(client.Services);
    }

    private void UseRedis(IClientBuilder client)
    {
        client.UseRedisClustering(table => table.ConfigurationOptions = store.CreateRedisOptions());
        Remember(client.Services);
    }

    private void Remember(IServiceCollection services)
    {
        var registered = services.Last(service => service.ServiceType == typeof(IGatewayListProvider));
        services.Replace(
            ServiceDescriptor.Singleton(provider =>
                remembered.Behind((IGatewayListProvider)ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!))
            )
        );
    }

    private static async Task<IPEndPoint[]> ResolveAsync(IEnumerable<string> gateways, CancellationToken cancellationToken)
    {
        var endpoints = new List<IPEndPoint>();
        SocketException? unknown = null;
        foreach (var text in gateways)
        {
            if (!GatewayAddress.TryParse(text, out var gateway))
                continue;
            try
            {
                // Orleans' gateways listen on IPv4.
                foreach (var address in await Dns.GetHostAddressesAsync(gateway.Host, AddressFamily.InterNetwork, cancellationToken))
                    endpoints.Add(new IPEndPoint(address, gateway.Port));
            }
            catch (SocketException exception)
            {
                // The name of a container that is down, for one; the others may do.
                unknown = exception;
            }
        }
        return endpoints.Count > 0 || unknown is null ? [.. endpoints] : throw unknown;
    }
}
