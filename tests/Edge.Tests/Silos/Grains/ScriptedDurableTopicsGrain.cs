using NotifyOrleans.Grains.Interfaces.Topics;
using Orleans.Concurrency;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

/// <summary>Durable topic subscriptions of the scripted silo.</summary>
[StatelessWorker, Reentrant]
public sealed class ScriptedDurableTopicsGrain(ScriptedSilo silo) : Grain, IDurableTopicsGrain
{
    public Task<DurableOpening?> TakeUpAsync(DurableTopic topic, string session) => Task.FromResult(silo.TakeUpDurable(topic));

    public async Task<DurablePage> ReadAsync(DurableQuery query)
    {
        await silo.ReadingDurable;
        silo.DurableQueries.Enqueue(query);
        return silo.ReadDurable(query);
    }

    public Task<long[]> SaveAsync(DurableProgress[] progress)
    {
        foreach (var each in progress)
            silo.SavedDurable.Enqueue(each);
        return Task.FromResult(progress.Select(each => each.Subscription).Where(silo.EndedDurable.Contains).ToArray());
    }
}
