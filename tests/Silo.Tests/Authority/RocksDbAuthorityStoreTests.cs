using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Authority.Standing;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority;

public sealed class RocksDbAuthorityStoreTests : AuthorityStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private RocksDbAuthorityStore? _store;

    [Fact]
    public async Task Folder_ThatCannotBeUsed_IsAFault_UntilItCan()
    {
        var file = _folder.File("outbox");
        await File.WriteAllTextAsync(file, "");
        var store = await OpenAsync();
        await Assert.ThrowsAsync<AuthorityStoreException>(() => store.ReadTokensAsync("a", default));
        File.Delete(file);
        Assert.Null(await store.ReadTokensAsync("a", default));
    }

    public void Dispose()
    {
        _store?.Dispose();
        _folder.Dispose();
    }

    protected override Task<IAuthorityStore> OpenAsync()
    {
        _store?.Dispose();
        _store = new RocksDbAuthorityStore(Options.Create(new OutboxOptions { Path = _folder.File("outbox") }));
        return Task.FromResult<IAuthorityStore>(_store);
    }
}
