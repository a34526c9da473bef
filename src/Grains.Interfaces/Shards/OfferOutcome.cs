namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <summary>What a shard says to a batch of deliveries. Unless it is accepted nothing of it was taken.</summary>
[GenerateSerializer, Alias("NotifyOrleans.OfferOutcome")]
public enum OfferOutcome
{
    /// <summary>The shard has it.</summary>
    Accepted,

    /// <summary>The batch expected another owner, which had accepted deliveries before it: these are to be offered again first.</summary>
    OtherOwner,

    /// <summary>The shard is on its way to another silo: offer it again in a moment.</summary>
    Leaving,

    /// <summary>
    /// The queue is consumed on a newer channel, or will be, as the silo of this one is taken for dead: that brings the same deliveries again, and this one has
    /// to end.
    /// </summary>
    Superseded,
}
