using NotifyOrleans.Grains.Placement;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Authority.Tokens;

/// <inheritdoc cref="IShownTokensGrain"/>
/// <remarks>
/// One for all users of a shard: a grain for each costs its activation, and a place in the cluster's directory, with every sign-in (decision 0036). When the
/// shard belongs to another silo it ends, as soon as all that it has is stored: there it is read again.
/// </remarks>
[ShardPlacement, Reentrant, GrainType("shown-tokens")]
public sealed class ShownTokensGrain(TokenRecords records, RevocationRegister revocations, TokenLifetime lifetime, ISiloStatusOracle silos, TimeProvider time)
    : Grain,
        IShownTokensGrain
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
            _holders.Add(user, holder = new TokenHolder(user, records, revocations, lifetime, time));
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
        if (_holders.Count == 0 || (BelongsElsewhere() && records.AreWritten && _holders.Values.All(holder => holder.IsStored)))
            DeactivateOnIdle();
        return Task.CompletedTask;
    }

    private bool BelongsElsewhere()
    {
        var active = silos.GetApproximateSiloStatuses(onlyActive: true).Keys;
        return active.Contains(silos.SiloAddress) && ShardHome.Of(this.GetPrimaryKeyLong(), active) != silos.SiloAddress;
    }
}
