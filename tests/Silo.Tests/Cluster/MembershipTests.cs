using NotifyOrleans.Silo.Tests.Database;
using NotifyOrleans.Silo.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.PostgreSql;
using NotifyOrleans.Testing.Redis;

namespace NotifyOrleans.Silo.Tests.Cluster;

/// <summary>Silos that find each other in a membership table, as processes: joining, and a table that goes away.</summary>
[Collection(PostgreSqlCollection.Name)]
public sealed class MembershipTests(PostgreSqlServer server) : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task PostgreSql_TwoSilosAtOnceOnAnEmptyDatabase_KnowEachOther()
    {
        var database = await server.CreateDatabaseAsync();
        await using var first = SiloProcess.Start(_folder, Settings("PostgreSql", database, database));
        await using var second = SiloProcess.Start(_folder, Settings("PostgreSql", database, database));

        await first.WaitForLifeAsync();
        await second.WaitForLifeAsync();

        var members = await server.QueryAsync<long>("SELECT count(*) FROM OrleansMembershipTable WHERE Status = 3", database.Split("Database=")[1]);
        Assert.Equal(2, members);
    }

    [Fact]
    public async Task Redis_AwayAtStartAndLater_IsWaitedFor()
    {
        await using var redis = new RedisServer();
        var database = await server.CreateDatabaseAsync();
        var settings = Settings("Redis", redis.ConnectionString, database);
        await using (var first = SiloProcess.Start(_folder, settings))
        {
            await first.WaitForAnswerAsync();
            await first.WaitForCheckAsync("cluster", check => check.Contains("waits for the membership table", StringComparison.Ordinal));
            await redis.StartAsync();
            await first.WaitForLifeAsync();

            await redis.KillAsync();
            await first.WaitForCheckAsync("cluster", check => check.Contains("the membership table cannot be reached", StringComparison.Ordinal));
            await redis.StartAsync();
            await first.WaitForLifeAsync();
            await first.Process.KillAsync();
        }

        // On the ports of its former self, which is in the table as active.
        await using var again = SiloProcess.Start(_folder, settings);
        await again.WaitForLifeAsync();
    }

    [Fact]
    public async Task Silo_ToldToStopWhileItWaitsForTheTable_EndsInOrder()
    {
        await using var redis = new RedisServer();
        await using var silo = SiloProcess.Start(_folder, Settings("Redis", redis.ConnectionString, await server.CreateDatabaseAsync()));
        await silo.WaitForAnswerAsync();
        await silo.WaitForCheckAsync("cluster", check => check.Contains("waits for the membership table", StringComparison.Ordinal));

        await silo.Process.TerminateAsync(TimeSpan.FromSeconds(60));

        Assert.Equal(0, silo.Process.ExitCode);
    }

    private Dictionary<string, string?> Settings(string provider, string table, string outbox)
    {
        var settings = SiloProcess.Settings(_folder);
        settings["Cluster__Provider"] = provider;
        settings["ConnectionStrings__Cluster"] = table;
        settings["Cluster__AdvertisedAddress"] = "127.0.0.1";
        settings["Outbox__Provider"] = "PostgreSql";
        settings["ConnectionStrings__Outbox"] = outbox;
        return settings;
    }
}
