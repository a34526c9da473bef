using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>
/// How long a token is taken at most after it was issued (<see cref="AuthorityOptions.MaxTokenLifetime"/>), and so how long it has to be known that it is
/// revoked.
/// </summary>
public sealed class TokenLifetime(IOptions<AuthorityOptions> options, TimeProvider time)
{
    /// <summary>
    /// So much longer revocations are known. A token may sign in for the clock skew (5 min at most) after its end, its issuer's clock may be ahead by as much,
    /// and the clocks of the silo or database that stored its revocation, of the one that forgets it and of the one that takes the token may be some minutes
    /// apart: a quarter of an hour together. An hour costs no more than the revocations of an hour.
    /// </summary>
    private static readonly TimeSpan Margin = TimeSpan.FromHours(1);

    private readonly TimeSpan? _max = options.Value.MaxTokenLifetime;
    private readonly TimeSpan _skew = options.Value.ClockSkew;

    /// <summary>Tokens that were issued before this are taken nowhere any more; null when there is no such time.</summary>
    public DateTimeOffset? GoneBefore => time.GetUtcNow() - _max - Margin;

    /// <summary>When a token ends; one that does not say when it was issued has ended when that matters.</summary>
    public DateTimeOffset EndOf(DateTimeOffset expiresAt, DateTimeOffset? issuedAt) =>
        (_max, issuedAt) switch
        {
            (null, _) => expiresAt,
            (_, null) => DateTimeOffset.MinValue,
            // No sum of times that may lie beyond the calendar.
            ({ } max, { } issued) => expiresAt - issued > max ? issued + max : expiresAt,
        };

    /// <summary>Why a token is not taken that is good otherwise: one of few words, for metrics; null when it is.</summary>
    public string? FaultOf(VerifiedToken token)
    {
        if (_max is null)
            return null;
        if (token.IssuedAt is not { } issuedAt)
            return "no_issue_time";
        var now = time.GetUtcNow();
        // It would live on when its revocation is forgotten.
        if (issuedAt - _skew > now)
            return "not_yet_valid";
        return EndOf(token.ExpiresAt, issuedAt) + _skew <= now ? "expired" : null;
    }
}
