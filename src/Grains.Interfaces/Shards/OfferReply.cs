namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Epoch">The shard's epoch.</param>
/// <param name="Outcome">Whether the batch was taken, and why not.</param>
/// <param name="NewestChannel">The newest channel epoch of the queue that the shard's silo has seen; 0 when there was none.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.OfferReply")]
public readonly record struct OfferReply([property: Id(0)] long Epoch, [property: Id(1)] OfferOutcome Outcome, [property: Id(2)] long NewestChannel);
