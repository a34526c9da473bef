using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Placement;

/// <summary>
/// References to the grains that each message and each session goes through. Orleans reads the attributes of an interface for every reference that it makes by type; that was a twentieth of a busy silo's CPU. Safe for use by
/// many threads.
/// </summary>
public sealed class GrainReferences(IGrainFactory grains)
{
    private readonly IShardGrain?[] _shards = new IShardGrain?[ShardMap.Shards];
    private GrainReference? _anyUser;
    private GrainReference? _anyUsersTokens;

    internal IShardGrain Shard(int shard) => _shards[shard] ??= grains.GetGrain<IShardGrain>(shard);

    /// <summary>The grain of a user, or of a durable subscription of his.</summary>
    internal IUserGrain User(string mailbox) => (IUserGrain)Like(_anyUser ??= (GrainReference)grains.GetGrain<IUserGrain>(mailbox), mailbox);

    /// <summary>The grain of what a user's tokens said.</summary>
    internal IUserTokensGrain TokensOf(string user) => (IUserTokensGrain)Like(_anyUsersTokens ??= (GrainReference)grains.GetGrain<IUserTokensGrain>(user), user);

    private IAddressable Like(GrainReference known, string key) => grains.GetGrain(GrainId.Create(known.GrainId.Type, key), known.InterfaceType);
}
