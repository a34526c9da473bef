using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>A folder of its own.</summary>
public sealed class RocksDbStoreEngine : StoreEngine
{
    private readonly TemporaryFolder _folder = new();
    private RocksDbOutboxStore? _open;

    public override IOutboxStore Open() => _open = OutboxFolder.Open(_folder.Path);

    public override Task CloseAsync()
    {
        _open?.Dispose();
        return Task.CompletedTask;
    }

    public override async Task DisposeAsync()
    {
        await CloseAsync();
        _folder.Dispose();
    }
}
