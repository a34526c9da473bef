using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using Orleans.Concurrency;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

/// <summary>Links of the scripted silo.</summary>
[Reentrant]
public sealed class ScriptedLinkGrain(ScriptedSilo silo) : Grain, ILinkGrain
{
    public Task<LinkWelcome> OpenAsync(LinkHello hello) => Task.FromResult(silo.Open(hello));

    public Task<LinkBeat> BeatAsync(long link, long shardsVersion)
    {
        var hosted = silo.HostedShards;
        var version = System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(hosted);
        return Task.FromResult(new LinkBeat(silo.Knows(link), version, version == shardsVersion ? null : hosted));
    }

    public async Task SettleAsync(long link, Settlement[] settlements)
    {
        await silo.Settling;
        foreach (var settlement in settlements)
            silo.Settlements.Enqueue(settlement);
    }

    public Task EndQueuesAsync(long link, EndedQueue[] ended)
    {
        foreach (var queue in ended)
            silo.EndedQueues.Enqueue(queue);
        return Task.CompletedTask;
    }

    public async Task<long?> ChangeInterestAsync(long link, TopicInterest[] added, TopicInterest[] removed)
    {
        foreach (var interest in removed)
            silo.Interests.TryRemove(interest, out _);
        foreach (var interest in added)
            silo.Interests[interest] = 0;
        await silo.ChangingInterest;
        silo.OnInterestAnswered();
        return silo.LastTopic;
    }

    public Task<TopicPage> ReadTopicsAsync(TopicQuery query)
    {
        silo.TopicQueries.Enqueue(query);
        return Task.FromResult(silo.ReadTopics(query));
    }

    public Task CloseAsync(long link)
    {
        silo.Close(link);
        return Task.CompletedTask;
    }
}
