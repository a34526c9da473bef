using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Authority;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Silo.Authority.Revocations;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Revocations;

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

    [Fact]
    public async Task Revocations_ThatDoNotSayWhenTheyWereStored_AreKept()
    {
        var store = await OpenAsync();
        foreach (var id in (string[])["of before", "newest"])
            await store.AddRevocationAsync(new Revocation(0, null, id, null), default);

        await store.ForgetRevocationsAsync(DateTimeOffset.UtcNow.AddYears(100), default);

        Assert.Equal(["of before", "newest"], (await store.ReadRevocationsAsync(0, 10, default)).Select(revocation => revocation.TokenId));
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
