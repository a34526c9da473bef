using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

/// <summary>What the database says about a group that is written.</summary>
/// <param name="Claimed">Shards whose commits took effect.</param>
/// <param name="Opened">Shards that were taken, with their new epochs.</param>
/// <param name="Current">Epochs of shards whose commits did not take effect.</param>
internal sealed record GroupResult(IReadOnlySet<int> Claimed, IReadOnlyDictionary<int, long> Opened, IReadOnlyDictionary<int, long> Current)
{
    /// <summary>Of a group that had nothing to write.</summary>
    public static readonly GroupResult Empty = new(new HashSet<int>(), new Dictionary<int, long>(), new Dictionary<int, long>());

    /// <summary>Why a commit did not take effect; null when it did.</summary>
    public Exception? FaultOf(int shard, long epoch)
    {
        if (Claimed.Contains(shard))
            return null;
        var current = Current.GetValueOrDefault(shard);
        return current != epoch
            ? new StaleEpochException(shard, epoch, current)
            : new OutboxUnavailableException($"A later commit of shard {shard} has overtaken this one; nothing of it took effect.");
    }
}
