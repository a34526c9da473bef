using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.PostgreSql;
using Npgsql;

namespace NotifyOrleans.Silo.Tests.Database;

/// <summary>On the outbox's own scripts.</summary>
[Collection(PostgreSqlCollection.Name)]
public sealed class SchemaMigrationsTests(PostgreSqlServer server)
{
    private const int Applied = 1430;

    private readonly LogCollector _log = new();

    [Fact]
    public async Task Silos_ThatStartAtOnce_ApplyEachScriptOnce()
    {
        var database = await server.CreateDatabaseAsync();

        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => ApplyAsync(database)));
        await ApplyAsync(database);

        Assert.Equal(_log.Entries.Count, _log.Entries.DistinctBy(entry => entry.Message).Count());
        Assert.Equal(await CountAsync(database, "SELECT count(*) FROM outbox_migrations"), _log.Count(Applied));
        Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM outbox_rows"));
    }

    [Fact]
    public async Task OlderSilo_BesideANewer_LeavesTheNewersScriptsAlone()
    {
        var database = await server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await ExecuteAsync(database, "INSERT INTO outbox_migrations (scriptname, applied) VALUES ('9999-of-a-newer-version.sql', now())");
        var applied = _log.Count(Applied);

        await ApplyAsync(database);

        Assert.Equal(applied, _log.Count(Applied));
        Assert.Equal(1, await CountAsync(database, "SELECT count(*) FROM outbox_migrations WHERE scriptname LIKE '9999%'"));
    }

    [Fact]
    public async Task Schemas_OfOneDatabase_AreApart()
    {
        var database = await server.CreateDatabaseAsync();
        await ApplyAsync(database);
        await ExecuteAsync(database, "CREATE SCHEMA other");

        await ApplyAsync($"{database};Search Path=other");

        Assert.Equal(2, await CountAsync(database, "SELECT count(*) FROM pg_tables WHERE tablename = 'outbox_rows' AND schemaname IN ('public', 'other')"));
    }

    [Fact]
    public async Task ScriptThatFails_ChangesNothing_AndIsAppliedWhenItCanBe()
    {
        var database = await server.CreateDatabaseAsync();
        await ExecuteAsync(database, "CREATE TABLE outbox_tallies (in_the_way int)");

        await Assert.ThrowsAsync<PostgresException>(() => ApplyAsync(database));
        Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM pg_tables WHERE tablename = 'outbox_rows'"));

        await ExecuteAsync(database, "DROP TABLE outbox_tallies");
        await ApplyAsync(database);
        Assert.Equal(0, await CountAsync(database, "SELECT count(*) FROM outbox_rows"));
    }

    private Task ApplyAsync(string database) => OutboxSchema.Migrations(_log.CreateLogger("migrations")).ApplyAsync(database, default);

    private Task ExecuteAsync(string database, string sql) => server.ExecuteAsync(sql, PostgreSqlServer.DatabaseOf(database));

    private Task<long> CountAsync(string database, string sql) => server.QueryAsync<long>(sql, PostgreSqlServer.DatabaseOf(database));
}
