using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

/// <summary>Retained messages of the scripted silo.</summary>
public sealed class ScriptedRetainedGrain(ScriptedSilo silo) : Grain, IRetainedGrain
{
    public Task<long[]> SetAsync(Notification[] messages) => throw new NotSupportedException("Only silos set them");

    public Task<RetainedPage> ReadAsync(RetainedQuery query) => Task.FromResult(silo.ReadRetained(query));
}
