namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>
/// What durable topic subscriptions have still to get, and how far they have come. A stateless worker with the key 0: all of it is in the store.
/// </summary>
[Alias("NotifyOrleans.IDurableTopicsGrain")]
public interface IDurableTopicsGrain : IGrainWithIntegerKey
{
    /// <summary>
    /// A session takes up a subscription, beside others that may have it still: each gets everything from the cursor on, and what one has settled is settled.
    /// </summary>
    /// <returns>Null when there is none.</returns>
    [Alias("TakeUp")]
    Task<DurableOpening?> TakeUpAsync(DurableTopic topic, string session);

    /// <summary>A part of what is in the logs.</summary>
    [Alias("Read")]
    Task<DurablePage> ReadAsync(DurableQuery query);

    /// <summary>Moves cursors on. Repeating a call does no harm.</summary>
    /// <returns>Subscriptions that have ended.</returns>
    [Alias("Save")]
    Task<long[]> SaveAsync(DurableProgress[] progress);
}
