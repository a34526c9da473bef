using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Silo.Tests.Database;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Topics;

[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlRetainedStoreTests(PostgreSqlServer server) : RetainedStoreContract, IAsyncLifetime
{
    private PostgreSqlOutboxStore? _open;
    private string _database = "";

    public async Task InitializeAsync() => _database = await server.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        if (_open is not null)
            await _open.DisposeAsync();
    }

    protected override IOutboxStore Open() => _open = SharedOutbox.Open(_database);

    protected override async Task CloseAsync(IOutboxStore outbox) => await _open!.DisposeAsync();
}
