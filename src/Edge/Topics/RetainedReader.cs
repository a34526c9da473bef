using System.Runtime.CompilerServices;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// Reads what is retained for new subscriptions. Those that come together to the same destination read together, so that a thousand sessions that come back ask
/// a few times.
/// </summary>
internal sealed class RetainedReader(ClusterConnection cluster, IOptions<LinksOptions> options, TimeProvider time, ILogger<RetainedReader> logger)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<TopicInterest, (Task<RetainedTopics> Running, Task<RetainedTopics>? Next)> _reads = [];

    /// <summary>Reads the first page, as it is now or later.</summary>
    public Task<RetainedTopics> ReadFirstAsync(TopicInterest interest)
    {
        lock (_gate)
        {
            if (!_reads.TryGetValue(interest, out var reads))
                return (_reads[interest] = (Task.Run(() => RunAsync(interest)), null)).Running;
            // The one that runs may have been answered before something that its silo has retained since.
            if (reads.Next is null)
                _reads[interest] = reads with { Next = reads.Running.ContinueWith(_ => RunAsync(interest), TaskScheduler.Default).Unwrap() };
            return _reads[interest].Next!;
        }
    }

    /// <summary>What is retained of these versions, the oldest first; reads page after page, as long as it takes.</summary>
    /// <param name="interest">The destination.</param>
    /// <param name="first">The first page.</param>
    /// <param name="after">Only newer ones than this.</param>
    /// <param name="upTo">The newest.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    public async IAsyncEnumerable<(long Version, OutgoingMessage Message)> ReadAllAsync(
        TopicInterest interest,
        RetainedTopics first,
        long after,
        long upTo,
        [EnumeratorCancellation] CancellationToken cancellationToken
    )
    {
        for (var page = first; ; page = await ReadAsync(interest, page.Messages[^1].Version, page.Last, cancellationToken))
        {
            foreach (var message in page.Messages.Where(message => message.Version > after && message.Version <= upTo))
                yield return message;
            if (page.IsEnd || page.Messages.Length == 0 || page.Messages[^1].Version >= upTo)
                yield break;
        }
    }

    /// <summary>Reads a page, as long as it takes.</summary>
    /// <param name="interest">The destination.</param>
    /// <param name="after">The version that the page before ended with; 0 for the first.</param>
    /// <param name="upTo">The newest version of the first page; 0 for that.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    private async Task<RetainedTopics> ReadAsync(TopicInterest interest, long after, long upTo, CancellationToken cancellationToken)
    {
        var query = new RetainedQuery(interest.Pattern, after, upTo);
        var page = await SiloCalls.UntilAnsweredAsync(
            () => cluster.CallAsync<IRetainedGrain, RetainedPage>(interest.Exchange, grain => grain.ReadAsync(query)),
            logger.LogReadingRetainedFailed,
            time,
            cancellationToken
        );
        return new RetainedTopics(
            [.. page.Messages.Select(message => (message.Version, new OutgoingMessage(message.Notification, isShared: true, isRetained: true)))],
            page.Last,
            page.IsEnd
        );
    }

    private async Task<RetainedTopics> RunAsync(TopicInterest interest)
    {
        using var patience = new CancellationTokenSource(options.Value.SubscribeTimeout);
        try
        {
            return await ReadAsync(interest, 0, 0, patience.Token);
        }
        finally
        {
            lock (_gate)
            {
                if (_reads[interest].Next is { } next)
                    _reads[interest] = (next, null);
                else
                    _reads.Remove(interest);
            }
        }
    }
}
