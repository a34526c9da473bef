using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// A user who is there: his subscriptions, and what they have been offered. Only his shard calls it, one call at a time, and the links with settlements.
/// It is active while the user has a subscription.
/// </summary>
[Alias("NotifyOrleans.IUserGrain")]
internal interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Takes messages in the order of their places; those that it has are left out.</summary>
    [Alias("Deliver")]
    Task<UserStatus> DeliverAsync(UserCall call, MailboxMessage[] messages);

    [Alias("Subscribe")]
    Task<UserStatus> SubscribeAsync(UserCall call, string edge, MailboxSubscription subscription);

    [Alias("Unsubscribe")]
    Task<UserStatus> UnsubscribeAsync(UserCall call, string edge, long[] subscriptions);

    /// <summary>Stores what is neither delivered nor stored.</summary>
    [Alias("Store")]
    Task<UserStatus> StoreAsync(UserCall call);

    /// <summary>Takes away stored messages that have outlived their time.</summary>
    [Alias("Expire")]
    Task<UserStatus> ExpireAsync(UserCall call);

    /// <summary>What became of messages at subscriptions of an edge.</summary>
    [Alias("Settle")]
    Task SettleAsync(string edge, Settlement[] settlements);
}
