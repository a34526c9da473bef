using NotifyOrleans.Grains.Interfaces.Delivery;
using Orleans.Concurrency;

namespace NotifyOrleans.Edge.Tests.Silos.Grains;

/// <summary>The directory of the scripted silo: itself.</summary>
[StatelessWorker]
public sealed class ScriptedSiloDirectoryGrain(ScriptedSilo silo) : Grain, ISiloDirectoryGrain
{
    public Task<string[]> GetSilosAsync() => Task.FromResult<string[]>([silo.Name]);
}
