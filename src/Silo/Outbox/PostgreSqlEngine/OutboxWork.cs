namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>Something for the writer to do, with a caller who waits for it.</summary>
internal abstract class OutboxWork
{
    /// <summary>Adds its changes to the group; false when they must come after what the group has for its shard.</summary>
    public abstract bool TryAddTo(CommitGroup group);

    /// <summary>The group is written.</summary>
    public abstract void Complete(GroupResult result);

    public abstract void Fail(Exception fault);
}
