using NotifyOrleans.Grains.Placement;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Authority;

/// <inheritdoc cref="IShownTokensGrain"/>
/// <remarks>
/// One for all users of a shard: a grain for each costs its activation, and a place in the cluster's directory, with every sign-in (decision 0036). What it has is stored too, so it may end at any time, and does when the shard belongs to another
/// silo.
/// </remarks>
[ShardPlacement, Reentrant, GrainType("shown-tokens")]
public sealed class ShownTokensGrain(TokenRecords records, RevocationRegister revocations, ISiloStatusOracle silos, TimeProvider time) : Grain, IShownTokensGrain
{
    private static readonly TimeSpan SweepInterval = TimeSpan.FromSeconds(30);

    private readonly Dictionary<string, TokenHolder> _holders = [];

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(Sweep, new GrainTimerCreationOptions(SweepInterval, SweepInterval) { Interleave = true });
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        return Task.CompletedTask;
    }

    public Task<UserStanding> RecordAsync(string user, KnownToken token) => Holder(user).RecordAsync(token);

    public Task<UserStanding> GetStandingAsync(string user, string? tokenId) => Holder(user).GetStandingAsync(tokenId);

    public Task<bool> HasRevokedAsync(string user) => Holder(user).HasRevokedAsync();

    private TokenHolder Holder(string user)
    {
        if (!_holders.TryGetValue(user, out var holder))
            _holders.Add(user, holder = new TokenHolder(user, records, revocations, time));
        return holder;
    }

    private Task Sweep(CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        foreach (var (user, holder) in _holders)
        {
            if (holder.ForgottenFrom <= now)
                _holders.Remove(user);
        }
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys;
        var isElsewhere = active.Contains(silos.SiloAddress) && ShardHome.Of(this.GetPrimaryKeyLong(), active) != silos.SiloAddress;
        if (_holders.Count == 0 || isElsewhere)
            DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
