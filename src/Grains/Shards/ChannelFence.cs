using System.Collections.Concurrent;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Which channel of each partition queue is the newest that a shard of this silo was offered something from. A silo that was frozen, and does not know yet that
/// its queues have gone to others, must not offer what these have offered already, nor what they offer soon: what it has had settled comes again by them, in
/// front of that. Safe to call from any thread.
/// </summary>
internal sealed class ChannelFence(ISiloStatusOracle silos)
{
    private readonly ConcurrentDictionary<string, long> _newest = new();

    /// <summary>Whether nothing newer has been here before, and the batch's silo is not taken for dead.</summary>
    /// <param name="batch">What is offered.</param>
    /// <param name="newest">The newest channel of its queue, its own included unless its silo is taken for dead; 0 when there was none.</param>
    public bool TryPass(OfferBatch batch, out long newest)
    {
        if (silos.IsDeadSilo(SiloAddress.FromParsableString(batch.Origin)))
        {
            newest = _newest.GetValueOrDefault(batch.Queue);
            return false;
        }
        newest = _newest.AddOrUpdate(batch.Queue, static (_, offered) => offered, static (_, known, offered) => Math.Max(known, offered), batch.ChannelEpoch);
        return newest == batch.ChannelEpoch;
    }
}
