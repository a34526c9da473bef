using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.OutboxProbe;
using NotifyOrleans.Silo.Outbox.RocksDbEngine;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Silo.Tests.Topics;

public sealed class RocksDbRetainedStoreTests : RetainedStoreContract, IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private RocksDbOutboxStore? _open;

    public void Dispose()
    {
        _open?.Dispose();
        _folder.Dispose();
    }

    protected override IOutboxStore Open() => _open = OutboxFolder.Open(_folder.Path);

    protected override Task CloseAsync(IOutboxStore outbox)
    {
        _open!.Dispose();
        return Task.CompletedTask;
    }
}
