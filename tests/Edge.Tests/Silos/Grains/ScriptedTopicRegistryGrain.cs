using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

/// <summary>Begins and ends durable topic subscriptions of the scripted silo.</summary>
public sealed class ScriptedTopicRegistryGrain(ScriptedSilo silo) : Grain, ITopicRegistryGrain
{
    public Task<bool> BeginAsync(DurableTopic topic)
    {
        silo.BegunDurable.Enqueue(topic);
        return Task.FromResult(!silo.RefusesDurable(topic));
    }

    public Task EndAsync(long subscription)
    {
        silo.EndedDurable.Enqueue(subscription);
        return Task.CompletedTask;
    }
}
