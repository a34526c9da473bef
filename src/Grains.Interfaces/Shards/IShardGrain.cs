namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <summary>
/// The one writer for all users of a shard; its key is the shard's number. Everything for a user passes it.
/// </summary>
[Alias("NotifyOrleans.IShardGrain")]
public interface IShardGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// Takes deliveries of one partition queue, in their order. The answer says that they are accepted, not that they are safe:
    /// that is told later, by settlements to <see cref="OfferBatch.Origin"/>. Repeating a call does no harm.
    /// </summary>
    [Alias("Offer")]
    ValueTask<OfferReply> OfferAsync(OfferBatch batch);

    /// <summary>Stores at once what these mailboxes have in memory: the queue that it came from waits for it.</summary>
    [Alias("Hasten")]
    Task HastenAsync(string[] mailboxes);

    /// <summary>
    /// Makes an edge's subscriptions known, new ones or, after the loss of a silo, existing ones. Repeating a call does no harm.
    /// </summary>
    [Alias("Register")]
    Task<RegisterReply> RegisterAsync(RegisterRequest request);

    /// <summary>
    /// Forgets subscriptions; what was offered to them and is not settled goes to the user's other or next subscription. Those whose session was lost are kept
    /// for a while, and the user's next subscription to the same destination goes on where they were.
    /// </summary>
    [Alias("Unregister")]
    Task UnregisterAsync(UnregisterRequest request);

    /// <summary>Ends a durable subscription for good: its mailbox and what waits in it are gone. Repeating a call does no harm.</summary>
    /// <param name="mailbox">The mailbox's key. Nothing happens to a user's own.</param>
    [Alias("Forget")]
    Task ForgetAsync(string mailbox);

    /// <summary>Drops what has outlived its time, in mailboxes that the outbox names.</summary>
    [Alias("Expire")]
    Task ExpireAsync(string[] mailboxes);
}
