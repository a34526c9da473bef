namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <summary>Deliveries of one partition queue for users of one shard, in the queue's order.</summary>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.OfferBatch")]
public sealed class OfferBatch
{
    /// <summary>The silo that consumes the queue; settlements go there.</summary>
    [Id(0)]
    public required string Origin { get; init; }

    /// <summary>The partition queue's name.</summary>
    [Id(1)]
    public required string Queue { get; init; }

    /// <summary>Rises with every channel that the queue was consumed on: a delivery tag means something only within it.</summary>
    [Id(2)]
    public required long ChannelEpoch { get; init; }

    /// <summary>
    /// The shard's epoch under which earlier deliveries that are not settled were accepted, 0 when there are none.
    /// Another owner refuses the batch, so that they can be offered again before it.
    /// </summary>
    [Id(3)]
    public required long ExpectedEpoch { get; init; }

    [Id(4)]
    public required Offer[] Offers { get; init; }
}
