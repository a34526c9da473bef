using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <inheritdoc cref="ITopicRegistryGrain"/>
/// <remarks>Subscriptions that come together begin together. Two activations at once would do no harm: the store gives out numbers and generations.</remarks>
[Reentrant, GrainType("topic-registry")]
internal sealed class TopicRegistryGrain(
    ITopicLogStore store,
    IOptions<TopicLogOptions> options,
    TopicLogMetrics metrics,
    TimeProvider time,
    ILogger<TopicRegistryGrain> logger
) : Grain, ITopicRegistryGrain
{
    // A commit of some hundred kilobytes at most.
    private const int MaxBatch = 1000;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Queue<(DurableTopic Topic, TaskCompletionSource<bool> Begun)> _waiting = new();
    private bool _isRunning;

    public Task<bool> BeginAsync(DurableTopic topic)
    {
        var begun = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting.Enqueue((topic, begun));
        if (!_isRunning)
            _ = RunAsync();
        return begun.Task;
    }

    public async Task EndAsync(long subscription)
    {
        await store.EndAsync([subscription]);
        metrics.SubscriptionsEnded(1, "unsubscribed");
    }

    private async Task RunAsync()
    {
        _isRunning = true;
        while (_waiting.Count > 0)
        {
            var batch = new List<(DurableTopic Topic, TaskCompletionSource<bool> Begun)>();
            while (batch.Count < MaxBatch && _waiting.TryDequeue(out var next))
                batch.Add(next);
            try
            {
                var registrations = await BeginAsync([.. batch.Select(each => each.Topic)]);
                for (var index = 0; index < batch.Count; index++)
                    batch[index].Begun.TrySetResult(!registrations[index].IsRefused);
            }
            catch (Exception exception)
            {
                batch.ForEach(each => each.Begun.TrySetException(exception));
            }
        }
        _isRunning = false;
    }

    /// <summary>
    /// In this order: the subscriptions are in the store, every silo knows them, they take their places in the logs. What is published from then on is stored
    /// for them; a partition that has a new owner meanwhile is one whose owner reads the registry first.
    /// </summary>
    private async Task<IReadOnlyList<DurableRegistration>> BeginAsync(DurableTopic[] topics)
    {
        var registrations = await store.RegisterAsync(topics, options.Value.MaxDurablePerUser);
        metrics.SubscriptionsRefused(registrations.Count(registration => registration.IsRefused));
        long[] fresh =
        [
            .. registrations
                .Where(registration => registration is { HasBegun: false, IsRefused: false })
                .Select(registration => registration.Number)
                .Distinct(),
        ];
        if (fresh.Length == 0)
            return registrations;
        await TellAsync(fresh.Max());
        await store.BeginAsync(fresh, await store.ReadLogsAsync(CancellationToken.None), time.GetUtcNow().ToUnixTimeMilliseconds());
        metrics.SubscriptionsBegun(fresh.Length);
        return registrations;
    }

    private async Task TellAsync(long generation)
    {
        var told = new HashSet<string>();
        while (true)
        {
            var silos = await GrainFactory.GetGrain<ISiloDirectoryGrain>(0).GetSilosAsync();
            string[] left = [.. silos.Where(silo => !told.Contains(silo))];
            if (left.Length == 0)
                return;
            var answers = await Task.WhenAll(left.Select(silo => TellAsync(silo, generation)));
            told.UnionWith(left.Where((_, index) => answers[index]));
            if (told.Count < silos.Length)
                await Task.Delay(RetryDelay, time);
        }
    }

    private async Task<bool> TellAsync(string silo, long generation)
    {
        try
        {
            await GrainFactory.GetGrain<ITopicWatchGrain>(LinkKey.Of(silo, "topics")).RefreshAsync(generation);
            return true;
        }
        catch (Exception exception)
        {
            logger.TellingFailed(exception, silo);
            return false;
        }
    }
}
