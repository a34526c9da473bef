namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>Begins and ends durable topic subscriptions; one with the key 0.</summary>
[Alias("NotifyOrleans.ITopicRegistryGrain")]
public interface ITopicRegistryGrain : IGrainWithIntegerKey
{
    /// <summary>Completes when what is published from now on is stored for the subscription; at once when it has begun before.</summary>
    /// <returns>False when its user has as many as he may have: it has not begun.</returns>
    [Alias("Begin")]
    Task<bool> BeginAsync(DurableTopic topic);

    /// <summary>Ends it, with all that waits for it.</summary>
    [Alias("End")]
    Task EndAsync(long subscription);
}
