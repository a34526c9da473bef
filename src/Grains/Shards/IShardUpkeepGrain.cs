using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Shards;

/// <summary>A shard's grain, as its own silo looks after it.</summary>
[Alias("NotifyOrleans.IShardUpkeepGrain")]
internal interface IShardUpkeepGrain : IGrainWithIntegerKey
{
    /// <summary>Stores what is not safe for too long, and lets go of what is no longer needed.</summary>
    [Alias("Sweep")]
    Task SweepAsync();

    /// <summary>Tells other services that messages wait, for users whom the outbox names and who are away.</summary>
    [Alias("TellUndelivered")]
    Task TellUndeliveredAsync(string[] users);

    /// <summary>Durable subscriptions of a user have delivered these messages, which are in his own mailbox too.</summary>
    [Alias("SettleElsewhere")]
    Task SettleElsewhereAsync(string user, Place[] places);

    /// <summary>Gives the shard up for another silo: takes nothing more, waits a moment for settlements, stores the rest and ends.</summary>
    [Alias("HandOver")]
    Task HandOverAsync();
}
