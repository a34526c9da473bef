namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// Brings settlements to the silo that consumes the queue, where its dispatcher is; a stateless worker cannot be called from elsewhere. Pinned to that silo.
/// </summary>
[Alias("NotifyOrleans.ISettlementRelayGrain")]
internal interface ISettlementRelayGrain : IGrainWithStringKey
{
    [Alias("Relay")]
    Task RelayAsync(SettledBatch[] batches);
}
