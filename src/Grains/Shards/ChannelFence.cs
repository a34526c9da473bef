using System.Collections.Concurrent;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Which channel of each partition queue is the newest that a shard of this silo was offered something from. A silo that was frozen, and does not know yet that
/// its queue has gone to another, must not offer what that one has offered already. Safe to call from any thread.
/// </summary>
internal sealed class ChannelFence
{
    private readonly ConcurrentDictionary<string, long> _newest = new();

    /// <summary>Whether nothing newer has been here before.</summary>
    /// <param name="queue">The partition queue.</param>
    /// <param name="channelEpoch">The channel that a batch comes from.</param>
    /// <param name="newest">The newest channel, this one included.</param>
    public bool TryPass(string queue, long channelEpoch, out long newest)
    {
        newest = _newest.AddOrUpdate(queue, static (_, offered) => offered, static (_, known, offered) => Math.Max(known, offered), channelEpoch);
        return newest == channelEpoch;
    }
}
