using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>
/// The edge's subscriptions to the mailboxes of one shard, and what the shard's owner knows of them. One call to the shard at a time:
/// what comes meanwhile goes with the next, in batches.
/// </summary>
internal sealed class ShardRegistrations(
    int shard,
    ClusterConnection cluster,
    LinkTable links,
    EdgeIdentity edge,
    LinksOptions options,
    LinkMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(100);

    /// <summary>A shard that moves is there again within seconds.</summary>
    private static readonly TimeSpan MaxRetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a call waits for a link to a silo that has none yet.</summary>
    private static readonly TimeSpan LinkTimeout = TimeSpan.FromSeconds(2);

    /// <summary>How long the end of a durable subscription is tried for: a failover takes less.</summary>
    private static readonly TimeSpan ForgetTimeout = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HashSet<MailboxFeed> _all = [];
    private readonly HashSet<MailboxFeed> _toRegister = [];
    private readonly List<UserSubscription> _toUnregister = [];
    private Link? _link;
    private long _epoch;
    private long _highestEpoch;
    private bool _running;

    /// <summary>Whether a message of a shard with this epoch may be taken: none older than has been seen.</summary>
    public bool TrySeeEpoch(long epoch)
    {
        lock (_gate)
        {
            if (epoch < _highestEpoch)
                return false;
            _highestEpoch = epoch;
            return true;
        }
    }

    public void Add(MailboxFeed feed)
    {
        lock (_gate)
        {
            _all.Add(feed);
            _toRegister.Add(feed);
            Run();
        }
    }

    public void Remove(MailboxFeed feed, bool lost)
    {
        lock (_gate)
        {
            _all.Remove(feed);
            _toRegister.Remove(feed);
            if (!feed.WasSent)
                return;
            _toUnregister.Add(new UserSubscription(feed.User, feed.Number, lost));
            Run();
        }
    }

    /// <summary>Ends a durable subscription for good.</summary>
    /// <returns>False when the shard does not answer in time.</returns>
    public async Task<bool> ForgetAsync(string mailbox)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                await cluster.CallAsync<IShardGrain>(shard, grain => grain.ForgetAsync(mailbox));
                return true;
            }
            catch (Exception exception)
            {
                logger.LogRegisteringFailed(exception, shard);
                if (time.GetElapsedTime(begun) > ForgetTimeout)
                    return false;
                await Task.Delay(RetryInterval, time);
            }
        }
    }

    /// <summary>The silo has taken back, or lost, what was registered over this link.</summary>
    public void OnLost(Link link)
    {
        lock (_gate)
        {
            if (_link != link)
                return;
            _link = null;
            _toUnregister.Clear();
            RegisterAgain();
        }
    }

    /// <summary>A silo has told its shards.</summary>
    /// <param name="link">The link to it.</param>
    /// <param name="epoch">The epoch of this shard there; 0 when it is not there.</param>
    public void OnTold(Link link, long epoch)
    {
        lock (_gate)
        {
            _highestEpoch = Math.Max(_highestEpoch, epoch);
            // It is gone from the silo where it was, or there is a newer one, there or elsewhere.
            if (_link == link ? epoch != _epoch : epoch > _epoch)
                RegisterAgain();
        }
    }

    private void RegisterAgain()
    {
        _toRegister.UnionWith(_all);
        Run();
    }

    private void Run()
    {
        if (_running || (_toRegister.Count == 0 && _toUnregister.Count == 0))
            return;
        _running = true;
        _ = Task.Run(RunAsync);
    }

    private async Task RunAsync()
    {
        var retry = RetryInterval;
        while (TryTake(out var feeds, out var gone))
        {
            try
            {
                if (gone.Length > 0)
                    await UnregisterAsync(gone);
                gone = [];
                if (feeds.Length == 0 || await TryRegisterAsync(feeds))
                {
                    retry = RetryInterval;
                    continue;
                }
            }
            catch (Exception exception)
            {
                logger.LogRegisteringFailed(exception, shard);
                metrics.RegisteringFailed();
            }
            PutBack(feeds, gone);
            await Task.Delay(retry, time);
            retry = TimeSpan.FromTicks(Math.Min(2 * retry.Ticks, MaxRetryInterval.Ticks));
        }
    }

    /// <summary>Behind what was settled: of a subscription that it does not know any more, the shard takes no settlements.</summary>
    private async Task UnregisterAsync(UserSubscription[] gone)
    {
        Link? link;
        lock (_gate)
            link = _link;
        if (link is not null)
            await link.WhenSettledAsync();
        await cluster.CallAsync<IShardGrain>(shard, grain => grain.UnregisterAsync(new UnregisterRequest(edge.Name, gone)));
    }

    /// <summary>Registers feeds, with a silo that has a link.</summary>
    /// <returns>False when it has to be done again.</returns>
    private async Task<bool> TryRegisterAsync(MailboxFeed[] feeds)
    {
        var request = new RegisterRequest(edge.Name, [.. feeds.Select(feed => feed.Describe())]);
        var reply = await cluster.CallAsync<IShardGrain, RegisterReply>(shard, grain => grain.RegisterAsync(request));
        if (reply.Link == 0)
        {
            using var patience = new CancellationTokenSource(LinkTimeout);
            await links.OpenAsync(reply.Silo, patience.Token);
            return false;
        }
        lock (_gate)
        {
            // The answer may have been under way while the link that they were registered over was lost, and another was opened.
            if (links.Find(reply.Silo) is not { IsLost: false } link || link.Number != reply.Link || reply.Epoch < _highestEpoch)
                return false;
            _highestEpoch = reply.Epoch;
            if (_link is not null && (_link != link || _epoch != reply.Epoch))
                _toRegister.UnionWith(_all.Except(feeds));
            (_link, _epoch) = (link, reply.Epoch);
        }
        metrics.Registered(feeds.Length);
        long[] postponed = reply.Postponed ?? [];
        foreach (var feed in feeds.Where(feed => !postponed.Contains(feed.Number)))
        {
            if (reply.Refused?.Contains(feed.Number) is true)
                feed.OnRefused();
            else if (reply.Ended?.Contains(feed.Number) is true)
                feed.OnEnded();
            else
                feed.OnRegistered(reply.Epoch);
        }
        return postponed.Length == 0;
    }

    private bool TryTake(out MailboxFeed[] feeds, out UserSubscription[] gone)
    {
        lock (_gate)
        {
            feeds = [.. _toRegister.Take(options.RegisterBatch)];
            gone = [.. _toUnregister];
            _toRegister.ExceptWith(feeds);
            _toUnregister.Clear();
            foreach (var feed in feeds)
                feed.WasSent = true;
            return _running = feeds.Length > 0 || gone.Length > 0;
        }
    }

    private void PutBack(MailboxFeed[] feeds, UserSubscription[] gone)
    {
        lock (_gate)
        {
            _toRegister.UnionWith(feeds.Where(_all.Contains));
            _toUnregister.AddRange(gone);
        }
    }
}
