using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>
/// Asks each second which silos there are, and has links opened and given up accordingly. When nobody answers for long, or no push comes through any more,
/// it takes a new Orleans client.
/// </summary>
internal sealed class LinkKeeper(
    ClusterConnection cluster,
    LinkTable links,
    LostTopics lostTopics,
    DurableTopics durableTopics,
    DeliveryRouter router,
    LinkMetrics metrics,
    IOptions<LinksOptions> options,
    TimeProvider time,
    ILogger<LinkKeeper> logger
) : BackgroundService
{
    /// <summary>Without an answer for so long the client is replaced: Orleans itself finds a gateway again within a few seconds of its coming back.</summary>
    private static readonly TimeSpan ReplaceAfter = TimeSpan.FromSeconds(10);

    /// <summary>How long an edge that ends waits for silos to hear what was settled: some beats.</summary>
    private static readonly TimeSpan SettleTimeout = TimeSpan.FromSeconds(2);

    private readonly LaneObserver[] _lanes = [.. Enumerable.Range(0, options.Value.Lanes).Select(_ => new LaneObserver(links, router, metrics))];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (true)
        {
            var client = await cluster.GetAsync(stoppingToken);
            try
            {
                IDeliveryObserver[] lanes = [.. _lanes.Select(client.CreateObjectReference<IDeliveryObserver>)];
                await links.UseAsync(client, lanes);
                await KeepAsync(client, stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
            {
                logger.LogDirectoryFailed(exception);
            }
            cluster.Replace(client);
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        // What is settled must not come again, and other edges go on with the topics.
        await Task.WhenAll(links.WhenSettledAsync(), lostTopics.WhenSentAsync(), durableTopics.WhenSavedAsync())
            .WaitAsync(SettleTimeout, time, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await links.CloseAllAsync();
    }

    /// <summary>Returns when the client is of no use any more.</summary>
    private async Task KeepAsync(IClusterClient client, CancellationToken cancellationToken)
    {
        var directory = client.GetGrain<ISiloDirectoryGrain>(0);
        var answered = time.GetTimestamp();
        while (time.GetElapsedTime(answered) < ReplaceAfter)
        {
            try
            {
                // A question that went to a gateway which was lost is answered by nobody; the next one takes another.
                var silos = await directory.GetSilosAsync().WaitAsync(options.Value.BeatTimeout, time, cancellationToken);
                links.Reconcile(silos);
                answered = time.GetTimestamp();
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // Nobody is there to ask. The links find out about themselves.
                logger.LogDirectoryFailed(exception);
            }
            await Task.Delay(options.Value.BeatInterval, time, cancellationToken);
        }
    }
}
