namespace NotifyOrleans.Grains.Authority;

/// <summary>
/// Keeps, in memory, until when the user, each role and each claim is good. A user of whom nothing is known counts as not expired: after a silo's restart the
/// broker's connections go on, and their tokens' end is known again at the next sign-in.
/// </summary>
[GrainType("user-tokens")]
public sealed class UserTokensGrain(TimeProvider time) : Grain, IUserTokensGrain
{
    // So long after the end of the last token it is remembered that there was one. A question in that time begins it anew.
    private static readonly TimeSpan KeptAfterExpiry = TimeSpan.FromHours(1);

    // A bound, for tokens without a sensible end.
    private static readonly TimeSpan MaxKept = TimeSpan.FromDays(30);

    private readonly Dictionary<string, DateTimeOffset> _roles = [];
    private readonly Dictionary<string, DateTimeOffset> _claims = [];
    private DateTimeOffset? _expiresAt;

    public Task RecordAsync(TokenGrant grant)
    {
        _expiresAt = Later(_expiresAt, grant.ExpiresAt);
        foreach (var role in grant.Roles)
            _roles[role] = Later(_roles.GetValueOrDefault(role), grant.ExpiresAt);
        foreach (var claim in grant.Claims)
            _claims[claim] = Later(_claims.GetValueOrDefault(claim), grant.ExpiresAt);
        Keep(_expiresAt.Value - time.GetUtcNow() + KeptAfterExpiry);
        return Task.CompletedTask;
    }

    public Task<UserStanding> GetStandingAsync()
    {
        var now = time.GetUtcNow();
        if (_expiresAt is null)
            return Task.FromResult(UserStanding.Unknown);
        if (_expiresAt <= now)
            Keep(KeptAfterExpiry);
        return Task.FromResult(new UserStanding(
            _expiresAt <= now,
            [.. _roles.Where(role => role.Value <= now).Select(role => role.Key)],
            [.. _claims.Where(claim => claim.Value > now).Select(claim => claim.Key)]));
    }

    private void Keep(TimeSpan span) => DelayDeactivation(span < MaxKept ? span : MaxKept);

    private static DateTimeOffset Later(DateTimeOffset? one, DateTimeOffset other) => one > other ? one.Value : other;
}
