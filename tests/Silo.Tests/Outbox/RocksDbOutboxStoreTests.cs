using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Outbox;

public sealed class RocksDbOutboxStoreTests : OutboxStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly List<RocksDbOutboxStore> _open = [];

    public void Dispose()
    {
        _open.ForEach(store => store.Dispose());
        _folder.Dispose();
    }

    protected override Task ClearAsync()
    {
        Directory.Delete(_folder.Path, recursive: true);
        return Task.CompletedTask;
    }

    protected override IOutboxStore Open()
    {
        var store = OutboxFolder.Open(_folder.Path);
        _open.Add(store);
        return store;
    }

    protected override Task CloseAsync(IOutboxStore store)
    {
        var open = (RocksDbOutboxStore)store;
        _open.Remove(open);
        open.Dispose();
        return Task.CompletedTask;
    }
}
