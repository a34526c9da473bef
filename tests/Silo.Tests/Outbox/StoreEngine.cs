using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>An engine that an outbox is kept in, with all that is kept beside it, empty at first.</summary>
public abstract class StoreEngine : IAsyncLifetime
{
    public virtual Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Opens it, or opens it again with what is in it.</summary>
    public abstract IOutboxStore Open();

    public abstract Task CloseAsync();

    public virtual Task DisposeAsync() => CloseAsync();
}
