using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;

namespace NotifyOrleans.Edge.Queues;

/// <summary>The subscriptions of all sessions to queues of the broker.</summary>
internal sealed class QueueTable
{
    private static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<long, QueueFeed> _feeds = new();
    private readonly ConcurrentDictionary<(Link Link, EndedQueue Ended), byte> _ending = new();
    private readonly ClusterConnection _cluster;
    private readonly TimeSpan _patience;
    private long _lastNumber;

    public QueueTable(
        ClusterConnection cluster,
        LinkTable links,
        IOptions<LinksOptions> options,
        LinkMetrics metrics,
        TimeProvider time,
        ILogger<QueueTable> logger
    )
    {
        (_cluster, _patience, Links, Metrics, Time, Logger) = (cluster, options.Value.SubscribeTimeout, links, metrics, time, logger);
        links.Lost += OnLost;
    }

    public LinkTable Links { get; }

    public LinkMetrics Metrics { get; }

    public TimeProvider Time { get; }

    public ILogger Logger { get; }

    /// <summary>A number for a subscription, never used again within the edge's life.</summary>
    public long NextNumber() => Interlocked.Increment(ref _lastNumber);

    public void Add(QueueFeed feed) => _feeds[feed.Number] = feed;

    public void Remove(QueueFeed feed) => _feeds.TryRemove(feed.Number, out _);

    /// <summary>The one of a number; null when there is none, or none any more.</summary>
    public QueueFeed? Find(long number) => _feeds.GetValueOrDefault(number);

    /// <summary>Hands on what a silo has pushed.</summary>
    public void Deliver(Link link, QueuePush push)
    {
        if (Find(push.Subscription) is { } feed)
        {
            // Nobody ever gets what was meant for another, whatever went wrong on its way.
            if (feed.Description.User != push.User)
            {
                Metrics.Dropped("foreign_user");
                Logger.LogForeignUser(push.Subscription, link.Silo);
                return;
            }
            if (feed.TryOffer(push, link))
                return;
        }
        Metrics.Dropped("unknown_subscription");
        // It may not know: the call that began it was given up before it was answered, or another silo has taken over.
        if (push.Kind is QueuePushKind.Message or QueuePushKind.Begun)
            End(link, push.Subscription, push.Place.Epoch);
    }

    /// <summary>Tells a silo that a subscription has ended, behind what was settled: what was not goes back to the queue.</summary>
    public void End(Link link, long subscription, long registration)
    {
        var ended = new EndedQueue(subscription, registration);
        if (_ending.TryAdd((link, ended), 0))
            _ = EndAsync(link, ended);
    }

    /// <summary>Asks a queue, whichever silo it is on.</summary>
    public Task<QueueReply> AskAsync(string queue, Func<IBrokerQueueGrain, Task<QueueReply>> question) => _cluster.CallAsync(queue, question);

    /// <summary>Asks a queue until it answers.</summary>
    /// <exception cref="StompErrorException">The broker refuses.</exception>
    /// <exception cref="ClusterUnavailableException">Nobody answers in time.</exception>
    public async Task RequireAsync(string queue, Func<IBrokerQueueGrain, Task<QueueReply>> question)
    {
        var begun = Time.GetTimestamp();
        while (true)
        {
            try
            {
                if ((await AskAsync(queue, question)).Refusal is { } refusal)
                    throw new StompErrorException(StompErrors.Refused(refusal));
                return;
            }
            catch (Exception exception) when (ClusterConnection.IsUnavailable(exception))
            {
                if (Time.GetElapsedTime(begun) >= _patience)
                    throw new ClusterUnavailableException("The queue cannot be reached now", exception);
                Logger.LogSubscribingFailed(exception);
                await Task.Delay(RetryInterval, Time);
            }
        }
    }

    /// <summary>Deletes the queue of a durable subscription.</summary>
    /// <exception cref="StompErrorException">The broker refuses.</exception>
    /// <exception cref="ClusterUnavailableException">Nobody answers in time.</exception>
    public Task ForgetAsync(QueueFeed feed) => RequireAsync(feed.Queue, queue => queue.DeleteAsync(feed.Session.Id));

    private async Task EndAsync(Link link, EndedQueue ended)
    {
        await link.WhenSettledAsync();
        try
        {
            await link.CallAsync(grain => grain.EndQueuesAsync(link.Number, [ended]), exception => Logger.LogEndingFailed(exception, link.Silo));
        }
        catch (OperationCanceledException)
        {
            // It has ended with the link.
        }
        _ending.TryRemove((link, ended), out _);
    }

    private void OnLost(Link link)
    {
        foreach (var feed in _feeds.Values)
            feed.OnLost(link);
    }
}
