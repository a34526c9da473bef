namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>Something for the writer to do, with a caller who waits for it.</summary>
internal abstract class OutboxWork
{
    /// <summary>Adds its changes to the group; false when it has none, and the caller knows already.</summary>
    public abstract bool AddTo(CommitGroup group);

    /// <summary>The group is written.</summary>
    public abstract void Complete();

    public abstract void Fail(Exception fault);
}
