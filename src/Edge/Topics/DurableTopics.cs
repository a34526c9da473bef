using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Topics;

/// <summary>The durable topic feeds of all sessions: takes them up, reads the logs for them, and says how far they have come, for many with one call.</summary>
internal sealed class DurableTopics(
    ClusterConnection cluster,
    LinkTable links,
    IOptions<LinksOptions> options,
    TimeProvider time,
    ILogger<DurableTopics> logger
) : BackgroundService
{
    /// <summary>How often it is said how far feeds have come: what an edge that is killed had not said comes again, flagged.</summary>
    private static readonly TimeSpan SaveInterval = TimeSpan.FromSeconds(1);

    /// <summary>How often of each feed that it is there, so that its subscription is not taken as abandoned. An hour is the least time for that.</summary>
    private static readonly TimeSpan TouchInterval = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How long an edge that ends goes on saving, and how long it then waits for the last of it: some calls. What could not be saved comes again, flagged.
    /// </summary>
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(1);

    /// <summary>Feeds in one call: some 100 KiB.</summary>
    private const int SaveBatch = 500;

    private readonly ConcurrentDictionary<DurableTopicFeed, byte> _feeds = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Lock _gate = new();
    private List<DurableProgress> _ended = [];
    private TaskCompletionSource? _endedSaved;
    private Task _saving = Task.CompletedTask;

    /// <summary>Takes up a subscription, or begins it.</summary>
    /// <exception cref="StompErrorException">Its user has as many as he may have.</exception>
    public async Task<DurableOpening> TakeUpAsync(DurableTopic topic, string session, CancellationToken cancellationToken)
    {
        // A client that comes back at once finds how far it had come.
        await WhenSavedAsync().WaitAsync(cancellationToken);
        while (true)
        {
            if (await CallAsync<IDurableTopicsGrain, DurableOpening?>(grain => grain.TakeUpAsync(topic, session), cancellationToken) is { } opening)
                return opening;
            if (!await CallAsync<ITopicRegistryGrain, bool>(grain => grain.BeginAsync(topic), cancellationToken))
                throw new StompErrorException(StompErrors.TooManyDurables());
        }
    }

    /// <summary>Reads on; as long as it takes.</summary>
    public Task<DurablePage> ReadAsync(DurableQuery query, CancellationToken cancellationToken) =>
        CallAsync<IDurableTopicsGrain, DurablePage>(grain => grain.ReadAsync(query), cancellationToken);

    /// <summary>Ends a subscription for good.</summary>
    /// <exception cref="OperationCanceledException">No silo has answered for a while.</exception>
    public async Task EndAsync(long subscription)
    {
        using var patience = new CancellationTokenSource(options.Value.SubscribeTimeout);
        await CallAsync<ITopicRegistryGrain, bool>(
            async grain =>
            {
                await grain.EndAsync(subscription);
                return true;
            },
            patience.Token
        );
    }

    public void Add(DurableTopicFeed feed) => _feeds[feed] = 0;

    /// <summary>A feed has ended; how far it came is saved at once.</summary>
    public void Remove(DurableTopicFeed feed, DurableProgress? last)
    {
        _feeds.TryRemove(feed, out _);
        if (last is null)
            return;
        lock (_gate)
        {
            _ended.Add(last);
            _endedSaved ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        _wake.Release();
    }

    /// <summary>Something may have been missed: every feed reads on from where it is.</summary>
    public void ReadAgain()
    {
        foreach (var feed in _feeds.Keys)
            feed.ReadAgain();
    }

    /// <summary>Partitions say how far their logs have come, behind everything that they had for this edge.</summary>
    public void Pass(LogPosition mark)
    {
        foreach (var feed in _feeds.Keys)
            feed.Pass(mark);
    }

    /// <summary>Completes when it is saved how far those came that have ended so far.</summary>
    public Task WhenSavedAsync()
    {
        lock (_gate)
            return Task.WhenAll(_saving, _endedSaved?.Task ?? Task.CompletedTask);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        links.Opened += ReadAgain;
        links.Lost += _ => ReadAgain();
        using var patience = new CancellationTokenSource();
        await using var stopping = stoppingToken.Register(() => patience.CancelAfter(StopTimeout));
        var touched = time.GetTimestamp();
        while (!stoppingToken.IsCancellationRequested)
        {
            await ((Task)_wake.WaitAsync(SaveInterval, stoppingToken)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var isTouch = time.GetElapsedTime(touched) >= TouchInterval;
            await SaveAsync(isTouch, patience.Token);
            if (!isTouch)
                continue;
            touched = time.GetTimestamp();
            // Should anything ever be missed that nobody knows of.
            ReadAgain();
        }
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(StopTimeout);
        await SaveAsync(isTouch: false, patience.Token);
    }

    private async Task SaveAsync(bool isTouch, CancellationToken cancellationToken)
    {
        List<DurableProgress> ended;
        TaskCompletionSource? saved;
        lock (_gate)
        {
            (ended, _ended) = (_ended, []);
            (saved, _endedSaved) = (_endedSaved, null);
            _saving = saved?.Task ?? Task.CompletedTask;
        }
        try
        {
            List<(DurableTopicFeed? Feed, DurableProgress Progress)> all =
            [
                .. ended.Select(progress => ((DurableTopicFeed?)null, progress)),
                .. _feeds.Keys.Select(feed => ((DurableTopicFeed?)feed, feed.TakeProgress(isTouch)!)).Where(each => each.Item2 is not null),
            ];
            foreach (var batch in all.Chunk(SaveBatch))
                await SaveAsync(batch, cancellationToken);
        }
        finally
        {
            saved?.TrySetResult();
        }
    }

    /// <summary>
    /// When it cannot be saved now, feeds say it again; of those that have ended it is forgotten after some time, and what comes again is flagged.
    /// </summary>
    private async Task SaveAsync((DurableTopicFeed? Feed, DurableProgress Progress)[] batch, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(options.Value.SubscribeTimeout);
        try
        {
            DurableProgress[] progress = [.. batch.Select(each => each.Progress)];
            var gone = await CallAsync<IDurableTopicsGrain, long[]>(grain => grain.SaveAsync(progress), patience.Token);
            foreach (var (feed, _) in batch.Where(each => gone.Contains(each.Progress.Subscription)))
                feed?.OnGone();
        }
        catch (OperationCanceledException)
        {
            foreach (var (feed, _) in batch)
                feed?.SaveAgain();
        }
    }

    private Task<TAnswer> CallAsync<TGrain, TAnswer>(Func<TGrain, Task<TAnswer>> call, CancellationToken cancellationToken)
        where TGrain : IGrainWithIntegerKey =>
        SiloCalls.UntilAnsweredAsync(() => cluster.CallAsync(0, call), logger.LogDurableTopicsFailed, time, cancellationToken);
}
