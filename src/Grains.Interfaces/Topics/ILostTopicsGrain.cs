using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>Keeps lost topic subscriptions for their successors, for a while; in memory alone. One for many users: <see cref="KeyOf"/>.</summary>
[Alias("NotifyOrleans.ILostTopicsGrain")]
public interface ILostTopicsGrain : IGrainWithIntegerKey
{
    /// <summary>Enough to spread over many silos, few enough that there is always one awake.</summary>
    private const int Grains = 64;

    /// <summary>The grain that answers for a user.</summary>
    static int KeyOf(string user) => ShardMap.ShardOf(user) % Grains;

    /// <summary>Keeps subscriptions.</summary>
    [Alias("Keep")]
    Task KeepAsync(LostTopic[] topics);

    /// <summary>Hands out the one that was lost first of a user's to this destination, once; null when there is none.</summary>
    [Alias("Take")]
    Task<LostTopic?> TakeAsync(string user, TopicInterest interest);
}
