using NotifyOrleans.Grains.Authority.Tokens;

namespace NotifyOrleans.Silo.Authority.Tokens;

/// <summary>What an issuer says of a token.</summary>
/// <param name="Token">What the token says; null when it is not good.</param>
/// <param name="Refusal">Why not: one of few words, for metrics.</param>
internal sealed record Introspection(VerifiedToken? Token, string Refusal)
{
    /// <summary>The issuer could not be asked.</summary>
    public static readonly Introspection Failed = new(null, "issuer_unreachable");

    public static Introspection Refused(string reason) => new(null, reason);
}
