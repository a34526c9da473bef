using NotifyOrleans.Grains.Authority.Tokens;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Placement;

/// <summary>
/// References to the grains that each message and each session goes through. Orleans reads the attributes of an interface for every reference that it makes by
/// type; that was a twentieth of a busy silo's CPU. Safe for use by many threads.
/// </summary>
public sealed class GrainReferences(IGrainFactory grains)
{
    private readonly IShardGrain?[] _shards = new IShardGrain?[ShardMap.Shards];
    private readonly IShownTokensGrain?[] _tokens = new IShownTokensGrain?[ShardMap.Shards];
    private GrainReference? _anyUser;

    internal IShardGrain Shard(int shard) => _shards[shard] ??= grains.GetGrain<IShardGrain>(shard);

    /// <summary>The grain of a user, or of a durable subscription of his.</summary>
    internal IUserGrain User(string mailbox)
    {
        var known = _anyUser ??= (GrainReference)grains.GetGrain<IUserGrain>(mailbox);
        return (IUserGrain)grains.GetGrain(GrainId.Create(known.GrainId.Type, mailbox), known.InterfaceType);
    }

    /// <summary>The grain that knows the user's tokens.</summary>
    public IShownTokensGrain TokensOf(string user)
    {
        var shard = ShardMap.ShardOf(user);
        return _tokens[shard] ??= grains.GetGrain<IShownTokensGrain>(shard);
    }
}
