using System.Collections.Concurrent;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Topics;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>Opens links to edges and ends those whose edge has fallen silent.</summary>
internal sealed class EdgeLinks(
    ILocalSiloDetails silo,
    IGrainFactory grains,
    TopicFanout topics,
    IOptions<DeliveryOptions> options,
    DeliveryMetrics metrics,
    TimeProvider time,
    ILogger<EdgeLinks> logger
) : BackgroundService, IEdgeLinks
{
    // A shard that does not answer for so many seconds is lost.
    private const int UnregisterAttempts = 10;

    private static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    private readonly ConcurrentDictionary<string, EdgeLink> _links = new();
    private long _lastNumber;

    public IEdgeLink? Find(string edge) => _links.GetValueOrDefault(edge);

    /// <summary>The link of this number; null when it has ended or was opened anew.</summary>
    public EdgeLink? Find(string edge, long number) => _links.TryGetValue(edge, out var link) && link.Number == number && link.IsOpen ? link : null;

    /// <summary>Opens a link to an edge; a former one ends.</summary>
    /// <param name="edge">The edge.</param>
    /// <param name="hello">What it said.</param>
    /// <param name="topicNumber">The number of the newest topic message before the link takes them.</param>
    public EdgeLink Open(string edge, LinkHello hello, out long topicNumber)
    {
        if (_links.TryGetValue(edge, out var former))
            former.End("opened anew");
        var number = Interlocked.Increment(ref _lastNumber);
        var link = new EdgeLink(edge, number, silo.SiloAddress.ToParsableString(), hello.Lanes, options.Value, metrics, time, logger, OnEnded);
        _links[edge] = link;
        topicNumber = topics.Join(link, hello);
        metrics.LinkOpened();
        logger.LinkOpened(number, edge);
        return link;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckInterval, time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            foreach (var link in _links.Values.Where(link => link.Silence > options.Value.LinkTimeout))
                link.End("the edge is silent");
        }
    }

    private void OnEnded(EdgeLink link, string reason, UserSubscription[] lost)
    {
        _links.TryRemove(KeyValuePair.Create(link.Edge, link));
        topics.Leave(link);
        metrics.LinkEnded();
        logger.LinkEnded(link.Number, link.Edge, reason, lost.Length);
        foreach (var shard in lost.GroupBy(subscription => ShardMap.ShardOf(subscription.User)))
            _ = UnregisterAsync(shard.Key, new UnregisterRequest(link.Edge, [.. shard], new EndedLink(silo.SiloAddress.ToParsableString(), link.Number)));
    }

    private async Task UnregisterAsync(int shard, UnregisterRequest request)
    {
        for (var attempt = 1; attempt <= UnregisterAttempts; attempt++)
        {
            try
            {
                await grains.GetGrain<IShardGrain>(shard).UnregisterAsync(request);
                return;
            }
            catch (Exception exception)
            {
                // When the shard has ended, what it knew of the subscriptions has ended with it, and its successor has nothing to do.
                logger.UnregisteringFailed(exception, request.Edge, shard);
                await Task.Delay(CheckInterval, time);
            }
        }
    }
}
