using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

/// <summary>Lost topic subscriptions of the scripted silo.</summary>
public sealed class ScriptedLostTopicsGrain(ScriptedSilo silo) : Grain, ILostTopicsGrain
{
    public Task KeepAsync(LostTopic[] topics)
    {
        foreach (var topic in topics)
            silo.LostTopics.Enqueue(topic);
        return Task.CompletedTask;
    }

    public Task<LostTopic?> TakeAsync(string user, TopicInterest interest) => Task.FromResult(silo.TakeLostTopic(user));
}
