using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>
/// The mailbox feeds of all sessions. The edge holds the truth about them; what shards know of them is renewed whenever a link is lost or a shard has
/// a new owner.
/// </summary>
internal sealed class RegistrationTable
{
    private readonly ConcurrentDictionary<long, MailboxFeed> _feeds = new();
    private readonly ShardRegistrations[] _shards;
    private long _lastNumber;

    public RegistrationTable(
        ClusterConnection cluster,
        LinkTable links,
        EdgeIdentity edge,
        IOptions<LinksOptions> options,
        LinkMetrics metrics,
        TimeProvider time,
        ILogger<ShardRegistrations> logger
    )
    {
        _shards =
        [
            .. Enumerable.Range(0, ShardMap.Shards).Select(shard => new ShardRegistrations(shard, cluster, links, edge, options.Value, metrics, time, logger)),
        ];
        links.Lost += OnLost;
        links.Told += OnTold;
    }

    /// <summary>A number for a subscription, never used again within the edge's life.</summary>
    public long NextNumber() => Interlocked.Increment(ref _lastNumber);

    public MailboxFeed? Find(long number) => _feeds.GetValueOrDefault(number);

    public ShardRegistrations ShardOf(string user) => _shards[ShardMap.ShardOf(user)];

    /// <summary>Makes a feed known to its shard, as soon as one answers.</summary>
    public void Add(MailboxFeed feed)
    {
        _feeds[feed.Number] = feed;
        feed.Shard.Add(feed);
    }

    /// <summary>Takes a feed away.</summary>
    /// <param name="feed">The feed.</param>
    /// <param name="lost">Its session went without a goodbye: the shard keeps for a while what it misses.</param>
    public void Remove(MailboxFeed feed, bool lost)
    {
        if (_feeds.TryRemove(feed.Number, out _))
            feed.Shard.Remove(feed, lost);
    }

    private void OnLost(Link link)
    {
        foreach (var shard in _shards)
            shard.OnLost(link);
    }

    private void OnTold(Link link, HostedShard[] hosted)
    {
        var epochs = new long[ShardMap.Shards];
        foreach (var shard in hosted)
            epochs[shard.Shard] = shard.Epoch;
        for (var shard = 0; shard < epochs.Length; shard++)
            _shards[shard].OnTold(link, epochs[shard]);
    }
}
