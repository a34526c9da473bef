namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Epoch">The shard's epoch.</param>
/// <param name="Accepted">False when the batch expected another epoch; nothing of it was taken.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.OfferReply")]
public readonly record struct OfferReply([property: Id(0)] long Epoch, [property: Id(1)] bool Accepted);
