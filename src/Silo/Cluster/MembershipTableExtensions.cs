using Microsoft.Extensions.DependencyInjection.Extensions;
using NotifyOrleans.Hosting.Clustering;
using NotifyOrleans.Silo.Database;
using Npgsql;
using Orleans.Clustering.Redis;

namespace NotifyOrleans.Silo.Cluster;

/// <summary>The membership tables that several silos can share.</summary>
internal static class MembershipTableExtensions
{
    /// <summary>The key of the connections to the membership table's database.</summary>
    private const string DataSource = "cluster";

    public static ISiloBuilder UsePostgreSqlMembership(this ISiloBuilder silo)
    {
        silo.Services.AddKeyedSingleton(DataSource, (provider, _) => provider.GetRequiredService<MembershipStoreAddress>().CreateDataSource());
        silo.UseAdoNetClustering(options =>
            options.Configure<IServiceProvider>(
                (table, provider) =>
                {
                    table.Invariant = "Npgsql";
                    table.DataSource = provider.GetRequiredKeyedService<NpgsqlDataSource>(DataSource);
                }
            )
        );
        return silo.MakePatient(provider => cancellationToken => MigrateAsync(provider, cancellationToken));
    }

    public static ISiloBuilder UseRedisMembership(this ISiloBuilder silo)
    {
        silo.UseRedisClustering(_ => { });
        silo.Services.AddOptions<RedisClusteringOptions>()
            .Configure<MembershipStoreAddress>((table, address) => table.ConfigurationOptions = address.CreateRedisOptions());
        return silo.MakePatient(_ => _ => Task.CompletedTask);
    }

    private static Task MigrateAsync(IServiceProvider provider, CancellationToken cancellationToken)
    {
        var migrations = new SchemaMigrations("cluster", typeof(MembershipTableExtensions), provider.GetRequiredService<ILogger<SchemaMigrations>>());
        return migrations.ApplyAsync(provider.GetRequiredService<MembershipStoreAddress>().ConnectionString, cancellationToken);
    }

    private static ISiloBuilder MakePatient(this ISiloBuilder silo, Func<IServiceProvider, Func<CancellationToken, Task>> prepare)
    {
        var registered = silo.Services.Last(service => service.ServiceType == typeof(IMembershipTable));
        silo.Services.Replace(
            ServiceDescriptor.Singleton<IMembershipTable>(provider =>
                ActivatorUtilities.CreateInstance<PatientMembershipTable>(
                    provider,
                    registered.ImplementationFactory?.Invoke(provider) ?? ActivatorUtilities.CreateInstance(provider, registered.ImplementationType!),
                    prepare(provider)
                )
            )
        );
        return silo;
    }
}
