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

    protected override void Clear() => Directory.Delete(_folder.Path, recursive: true);

    protected override IOutboxStore Open()
    {
        var store = OutboxFolder.Open(_folder.Path);
        _open.Add(store);
        return store;
    }

    protected override void Close(IOutboxStore store)
    {
        var open = (RocksDbOutboxStore)store;
        _open.Remove(open);
        open.Dispose();
    }
}
