using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Placement;

/// <summary>
/// References to the grains that each message goes through. Orleans reads the attributes of an interface for every reference that it makes by type; that was a twentieth of a busy silo's CPU. Safe for use by
/// many threads.
/// </summary>
internal sealed class GrainReferences(IGrainFactory grains)
{
    private readonly IShardGrain?[] _shards = new IShardGrain?[ShardMap.Shards];
    private GrainReference? _anyUser;

    public IShardGrain Shard(int shard) => _shards[shard] ??= grains.GetGrain<IShardGrain>(shard);

    /// <summary>The grain of a user, or of a durable subscription of his.</summary>
    public IUserGrain User(string mailbox)
    {
        var known = _anyUser ??= (GrainReference)grains.GetGrain<IUserGrain>(mailbox);
        return (IUserGrain)grains.GetGrain(GrainId.Create(known.GrainId.Type, mailbox), known.InterfaceType);
    }
}
