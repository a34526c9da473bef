using NotifyOrleans.Grains.Authority;

namespace NotifyOrleans.Silo.Authority;

/// <summary>
/// Judges a token by whoever can: by keys, when it is a JSON Web Token of an issuer whose keys are known; else by asking its issuer, or, when it does not say who that
/// is, those that are asked about tokens. A token is shown to no other issuer than the one that it names.
/// </summary>
internal sealed class TokenValidator(JwtTokenValidator signed, OpaqueTokenValidator opaque) : ITokenValidator
{
    public Task<VerifiedToken?> ValidateAsync(string token)
    {
        if (!opaque.IsConfigured)
            return signed.ValidateAsync(token);
        var issuer = signed.IssuerOf(token);
        return issuer is not null && (signed.Takes(issuer) || !opaque.Takes(issuer)) ? signed.ValidateAsync(token) : opaque.ValidateAsync(token, issuer);
    }
}
