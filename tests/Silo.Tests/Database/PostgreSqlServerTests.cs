using NotifyOrleans.Testing.PostgreSql;
using Npgsql;

namespace NotifyOrleans.Silo.Tests.Database;

/// <summary>The server that other tests stand on.</summary>
public sealed class PostgreSqlServerTests
{
    [Fact]
    public async Task Server_KeepsItsDataAndItsPort_HoweverItEnds()
    {
        await using var server = await PostgreSqlServer.StartNewAsync("max_connections=20");
        var database = await server.CreateDatabaseAsync("mine");
        await server.ExecuteAsync("CREATE TABLE t (n int)", "mine");
        Assert.Equal("on", await server.QueryAsync<string>("SHOW fsync"));
        Assert.Equal("20", await server.QueryAsync<string>("SHOW max_connections"));

        await using var connection = new NpgsqlConnection(database);
        await connection.OpenAsync();
        await server.KillAsync();
        await server.StartAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (1)", "mine");
        await server.RestartAsync();
        await server.ExecuteAsync("INSERT INTO t VALUES (2)", "mine");

        Assert.Equal(2, await server.QueryAsync<long>("SELECT count(*) FROM t", "mine"));
    }

    [Fact]
    public async Task Paused_AnswersNobody_UntilItIsResumed()
    {
        await using var server = await PostgreSqlServer.StartNewAsync();
        server.Pause();

        var answer = server.QueryAsync<int>("SELECT 1");
        await Assert.ThrowsAsync<TimeoutException>(() => answer.WaitAsync(TimeSpan.FromSeconds(0.5)));

        server.Resume();
        Assert.Equal(1, await answer);
    }
}
