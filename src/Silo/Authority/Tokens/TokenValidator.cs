using NotifyOrleans.Grains.Authority;
using NotifyOrleans.Grains.Authority.Tokens;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>
/// Judges a token by whoever can: by keys, when it is a JSON Web Token of an issuer whose keys are known; else by asking its issuer, or, when it does not say
/// who that is, those that are asked about tokens. A token is shown to no other issuer than the one that it names. How long it lives at most is the same for
/// all.
/// </summary>
internal sealed partial class TokenValidator(
    JwtTokenValidator signed,
    OpaqueTokenValidator opaque,
    TokenLifetime lifetime,
    AuthorityMetrics metrics,
    ILogger<TokenValidator> logger
) : ITokenValidator
{
    public async Task<VerifiedToken?> ValidateAsync(string token)
    {
        if (await JudgeAsync(token) is not { } verified)
            return null;
        if (lifetime.FaultOf(verified) is not { } fault)
            return verified with { ExpiresAt = lifetime.EndOf(verified.ExpiresAt, verified.IssuedAt) };
        metrics.TokenRefused(fault);
        LogTokenRefused(fault);
        return null;
    }

    private Task<VerifiedToken?> JudgeAsync(string token)
    {
        if (!opaque.IsConfigured)
            return signed.ValidateAsync(token);
        var issuer = signed.IssuerOf(token);
        return issuer is not null && (signed.Takes(issuer) || !opaque.Takes(issuer)) ? signed.ValidateAsync(token) : opaque.ValidateAsync(token, issuer);
    }
}
