namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>Says what a token is worth.</summary>
public interface ITokenValidator
{
    /// <summary>What the token says, or null when it is not good: unknown issuer, wrong signature, audience or time, not readable.</summary>
    Task<VerifiedToken?> ValidateAsync(string token);
}
