using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Silo.Tests.Database;
using NotifyOrleans.Testing.PostgreSql;

namespace NotifyOrleans.Silo.Tests.Authority.Revocations;

[Collection(PostgreSqlCollection.Name)]
public sealed class PostgreSqlAuthorityStoreTests(PostgreSqlServer server) : AuthorityStoreContract, IAsyncLifetime
{
    private string _database = "";
    private PostgreSqlAuthorityStore? _store;

    public async Task InitializeAsync() => _database = await server.CreateDatabaseAsync();

    public async Task DisposeAsync()
    {
        if (_store is not null)
            await _store.DisposeAsync();
    }

    protected override async Task<IAuthorityStore> OpenAsync()
    {
        await DisposeAsync();
        return _store = new PostgreSqlAuthorityStore(_database, NullLogger<PostgreSqlAuthorityStore>.Instance);
    }
}
