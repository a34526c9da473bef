namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>
/// The epochs of shards as they are in the database. Nobody else writes them, so each is read once: a commit of a user who is away would otherwise unpack a
/// block for the epoch alone. For the writer's thread.
/// </summary>
internal sealed class KnownEpochs
{
    private readonly Dictionary<int, long> _epochs = [];

    public bool TryGet(int shard, out long epoch) => _epochs.TryGetValue(shard, out epoch);

    /// <summary>It was read, or written.</summary>
    public void Set(int shard, long epoch) => _epochs[shard] = epoch;

    /// <summary>A write has failed, and may be there all the same.</summary>
    public void Forget() => _epochs.Clear();
}
