using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Tests.Database;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Outbox;

[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlOutboxStoreTests(PostgreSqlServer server) : OutboxStoreContract, IAsyncLifetime
{
    private readonly List<PostgreSqlOutboxStore> _open = [];
    private string _database = "";

    public async Task InitializeAsync() => _database = await server.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        foreach (var store in _open)
            await store.DisposeAsync();
    }

    /// <summary>Each makes the tables anew.</summary>
    protected override int ModelRuns => 10;

    protected override Task ClearAsync() => server.ExecuteAsync("DROP SCHEMA public CASCADE; CREATE SCHEMA public", PostgreSqlServer.DatabaseOf(_database));

    protected override IOutboxStore Open()
    {
        var store = SharedOutbox.Open(_database);
        _open.Add(store);
        return store;
    }

    protected override async Task CloseAsync(IOutboxStore store)
    {
        var open = (PostgreSqlOutboxStore)store;
        _open.Remove(open);
        await open.DisposeAsync();
    }
}
