using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.PostgreSqlEngine;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>A database of its own in a shared server.</summary>
public sealed class PostgreSqlStoreEngine(PostgreSqlServer server) : StoreEngine
{
    private PostgreSqlOutboxStore? _open;
    private string _database = "";

    public override async Task InitializeAsync() => _database = await server.CreateDatabaseAsync();

    public override IOutboxStore Open() => _open = SharedOutbox.Open(_database);

    public override async Task CloseAsync()
    {
        if (_open is not null)
            await _open.DisposeAsync();
    }
}
