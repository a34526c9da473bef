using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Shards;

/// <summary>The shards that this silo hosts. Users' grains find their shard's ledger here, edges learn epochs from it.</summary>
internal sealed class HostedShards
{
    private readonly ConcurrentDictionary<int, ShardLedger> _ledgers = new();
    private long _version = 1;

    /// <summary>Rises with every shard that comes or goes.</summary>
    public long Version => Volatile.Read(ref _version);

    public ICollection<ShardLedger> Ledgers => _ledgers.Values;

    public void Add(ShardLedger ledger)
    {
        _ledgers[ledger.Shard] = ledger;
        Interlocked.Increment(ref _version);
    }

    /// <summary>Takes away this very ledger, not one that has followed it.</summary>
    public void Remove(ShardLedger ledger)
    {
        if (_ledgers.TryRemove(KeyValuePair.Create(ledger.Shard, ledger)))
            Interlocked.Increment(ref _version);
    }

    /// <summary>False when this silo does not host the shard under this epoch: whoever asks is out of date.</summary>
    public bool TryGet(int shard, long epoch, [NotNullWhen(true)] out ShardLedger? ledger) => _ledgers.TryGetValue(shard, out ledger) && ledger.Epoch == epoch;

    public HostedShard[] Snapshot() => [.. _ledgers.Values.Select(ledger => new HostedShard(ledger.Shard, ledger.Epoch))];
}
