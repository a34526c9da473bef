using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>
/// What durable subscriptions are to, as this silo knows it: read from the store before the first topic message is handed on, and again whenever the registry
/// changes. Safe to call from any thread.
/// </summary>
internal sealed class DurablePatterns(ITopicLogStore store, TimeProvider time, ILogger<DurablePatterns> logger) : BackgroundService
{
    /// <summary>
    /// How often it is looked whether the registry has changed: one small read. The registry's grain says so at once; this is for who did not hear it.
    /// </summary>
    public static readonly TimeSpan CheckInterval = TimeSpan.FromSeconds(1);

    // A silo that stood still for longer may have missed a subscription that was confirmed without it.
    private static readonly TimeSpan Lease = TimeSpan.FromSeconds(3);

    private readonly Lock _lock = new();
    private readonly SemaphoreSlim _one = new(1);
    private readonly Dictionary<string, TopicPatternTrie<TopicPattern>> _patterns = [];
    private HashSet<TopicInterest> _interests = [];
    private TaskCompletionSource _checked = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _generation = -1;
    private long _checkedAt;

    /// <summary>Whether every subscription is known that was confirmed, to a silo that is told of them.</summary>
    private bool IsCurrent => Volatile.Read(ref _generation) >= 0 && time.GetElapsedTime(Volatile.Read(ref _checkedAt)) < Lease;

    /// <summary>Whether every subscription is known that was confirmed before a time, at least.</summary>
    /// <param name="since">The time (<see cref="TimeProvider.GetTimestamp"/>).</param>
    public bool IsCurrentSince(long since) => IsCurrent && Volatile.Read(ref _checkedAt) >= since;

    /// <summary>Completes when <see cref="IsCurrentSince"/> is true; looks at once whether there is something new.</summary>
    public async Task WhenCurrentAsync(long since)
    {
        while (!IsCurrentSince(since))
        {
            var next = Volatile.Read(ref _checked).Task;
            _ = CheckAsync(CancellationToken.None);
            await next;
        }
    }

    /// <summary>Whether a durable subscription wants the message.</summary>
    public bool Match(string exchange, string routingKey)
    {
        lock (_lock)
            return _patterns.TryGetValue(exchange, out var patterns) && patterns.Matches(routingKey);
    }

    /// <summary>Reads what there is, unless this generation is known already.</summary>
    public async Task RefreshAsync(long generation, CancellationToken cancellationToken)
    {
        await _one.WaitAsync(cancellationToken);
        try
        {
            if (_generation >= generation)
                return;
            var read = await store.ReadInterestsAsync(cancellationToken);
            Apply([.. read.Interests]);
            Volatile.Write(ref _generation, read.Generation);
        }
        finally
        {
            _one.Release();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(CheckInterval, time);
        do await CheckAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <remarks>A store that is away confirms no subscription to anybody, so what was known is known still.</remarks>
    private async Task CheckAsync(CancellationToken cancellationToken)
    {
        var begun = time.GetTimestamp();
        try
        {
            await RefreshAsync(await store.ReadGenerationAsync(cancellationToken), cancellationToken);
        }
        catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            logger.ReadingInterestsFailed(exception);
        }
        Volatile.Write(ref _checkedAt, begun);
        if (_generation >= 0)
            Interlocked.Exchange(ref _checked, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)).SetResult();
    }

    private void Apply(HashSet<TopicInterest> interests)
    {
        lock (_lock)
        {
            foreach (var gone in _interests.Where(interest => !interests.Contains(interest)))
                PatternsOf(gone.Exchange).Remove(TopicPattern.Parse(gone.Pattern));
            foreach (var fresh in interests.Where(interest => !_interests.Contains(interest)))
                PatternsOf(fresh.Exchange).GetOrAdd(TopicPattern.Parse(fresh.Pattern), static pattern => pattern);
            _interests = interests;
        }
    }

    private TopicPatternTrie<TopicPattern> PatternsOf(string exchange)
    {
        if (!_patterns.TryGetValue(exchange, out var patterns))
            _patterns[exchange] = patterns = new TopicPatternTrie<TopicPattern>();
        return patterns;
    }
}
