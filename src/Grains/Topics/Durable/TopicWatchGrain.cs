using NotifyOrleans.Grains.Placement;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <inheritdoc cref="ITopicWatchGrain"/>
[SiloPinned, Reentrant, GrainType("topic-watch")]
internal sealed class TopicWatchGrain(DurablePatterns durables) : Grain, ITopicWatchGrain
{
    public Task RefreshAsync(long generation) => durables.RefreshAsync(generation, CancellationToken.None);
}
