using Microsoft.Extensions.Options;

namespace NotifyOrleans.Grains.Authority;

/// <summary>How long a token is taken at most after it was issued (<see cref="AuthorityOptions.MaxTokenLifetime"/>).</summary>
public sealed class TokenLifetime(IOptions<AuthorityOptions> options, TimeProvider time)
{
    private readonly TimeSpan? _max = options.Value.MaxTokenLifetime;
    private readonly TimeSpan _skew = options.Value.ClockSkew;

    /// <summary>When a token ends; one that does not say when it was issued has ended when that matters.</summary>
    public DateTimeOffset EndOf(DateTimeOffset expiresAt, DateTimeOffset? issuedAt) => (_max, issuedAt) switch
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
        // It would live for longer from now on.
        if (issuedAt - _skew > now)
            return "not_yet_valid";
        return EndOf(token.ExpiresAt, issuedAt) + _skew <= now ? "expired" : null;
    }
}
