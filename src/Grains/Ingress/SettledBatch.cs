namespace NotifyOrleans.Grains.Ingress;

/// <summary>Deliveries of one channel that are safe, each for one recipient.</summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.SettledBatch")]
internal sealed class SettledBatch
{
    [Id(0)]
    public required string Queue { get; init; }

    [Id(1)]
    public required long ChannelEpoch { get; init; }

    [Id(2)]
    public required SettledDelivery[] Deliveries { get; init; }
}
