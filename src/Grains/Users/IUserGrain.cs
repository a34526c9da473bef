using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// A user who is there, or a device of his that has a durable subscription: his subscriptions, and what they have been offered. Only his shard calls it, one
/// call at a time, the links with settlements, and it itself. It is active while the user has a subscription, or one is kept for its successor.
/// </summary>
[Alias("NotifyOrleans.IUserGrain")]
internal interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Takes messages in the order of their places; those that it has are left out.</summary>
    [Alias("Deliver")]
    ValueTask<UserStatus> DeliverAsync(UserCall call, [Immutable] MailboxMessage[] messages);

    /// <summary>
    /// Takes in a subscription, transient messages that were held until the first one came, and the number of those that were too many to be held.
    /// </summary>
    [Alias("Subscribe")]
    ValueTask<UserStatus> SubscribeAsync(
        UserCall call,
        string edge,
        long link,
        MailboxSubscription subscription,
        [Immutable] MailboxMessage[] held,
        [Immutable] MissedMessages missed
    );

    /// <summary>Takes subscriptions away; those that are lost are kept for their successors.</summary>
    [Alias("Unsubscribe")]
    ValueTask<UserStatus> UnsubscribeAsync(UserCall call, string edge, long link, UserSubscription[] subscriptions);

    /// <summary>Lets go of kept subscriptions that nobody has followed in time, and of what was kept for late ones.</summary>
    [Alias("EndKept")]
    ValueTask<UserStatus> EndKeptAsync(UserCall call);

    /// <summary>Stores what is neither delivered nor stored.</summary>
    [Alias("Store")]
    ValueTask<UserStatus> StoreAsync(UserCall call);

    /// <summary>Takes away stored messages that have outlived their time.</summary>
    [Alias("Expire")]
    ValueTask<UserStatus> ExpireAsync(UserCall call);

    /// <summary>Another mailbox of the user's has delivered these.</summary>
    [Alias("SettleElsewhere")]
    ValueTask<UserStatus> SettleElsewhereAsync(UserCall call, Place[] places);

    /// <summary>Nobody is to get what is in the mailbox up to a place any more: its subscriptions end, and their sessions are told.</summary>
    [Alias("Clear")]
    ValueTask<UserStatus> ClearAsync(UserCall call, Place upTo);

    /// <summary>What became of messages at subscriptions of an edge.</summary>
    [Alias("Settle")]
    Task SettleAsync(string edge, [Immutable] Settlement[] settlements);

    /// <summary>What became of a message that was rejected; the grain says so to itself.</summary>
    [Alias("EndRejection")]
    Task EndRejectionAsync(long incarnation, Place place, bool isDeadLetter);
}
