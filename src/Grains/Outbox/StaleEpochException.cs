namespace NotifyOrleans.Grains.Outbox;

/// <summary>The shard has a newer owner; nothing was changed.</summary>
public sealed class StaleEpochException(int shard, long epoch, long current)
    : Exception($"Shard {shard} is at epoch {current}; its owner of epoch {epoch} may change nothing.");
