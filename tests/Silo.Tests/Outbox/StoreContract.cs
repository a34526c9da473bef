namespace NotifyOrleans.Silo.Tests.Outbox;

/// <summary>What every engine does with something that is kept beside the outbox. An engine joins with a class that derives from the contract.</summary>
public abstract class StoreContract(StoreEngine engine) : IAsyncLifetime
{
    protected StoreEngine Engine => engine;

    public Task InitializeAsync() => engine.InitializeAsync();

    public Task DisposeAsync() => engine.DisposeAsync();
}
