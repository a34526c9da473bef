using NotifyOrleans.Grains.Interfaces.Delivery;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Delivery;

/// <inheritdoc cref="ISiloDirectoryGrain"/>
[StatelessWorker, GrainType("silo-directory")]
internal sealed class SiloDirectoryGrain(ISiloStatusOracle silos) : Grain, ISiloDirectoryGrain
{
    public Task<string[]> GetSilosAsync() =>
        Task.FromResult(silos.GetApproximateSiloStatuses(onlyActive: true).Keys.Select(silo => silo.ToParsableString()).ToArray());
}
