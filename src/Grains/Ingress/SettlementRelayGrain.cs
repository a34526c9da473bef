using NotifyOrleans.Grains.Placement;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Ingress;

/// <inheritdoc cref="ISettlementRelayGrain"/>
[SiloPinned, Reentrant, GrainType("settlement-relay")]
internal sealed class SettlementRelayGrain : Grain, ISettlementRelayGrain
{
    public Task RelayAsync(SettledBatch[] batches) =>
        Task.WhenAll(batches.Select(batch => GrainFactory.GetGrain<IDispatcherGrain>(batch.Queue).SettledAsync(batch)));
}
