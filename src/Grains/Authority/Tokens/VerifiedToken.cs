namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>What a good token says.</summary>
/// <param name="User">Its bearer.</param>
/// <param name="Roles">The bearer's roles.</param>
/// <param name="Claims">All claims as <c>name=value</c>, one for each element of an array and each scope.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Id">What it is revoked by: its <c>jti</c>, or without one the SHA-256, in hex, of what is signed of it, or of its text if it is opaque.</param>
/// <param name="IssuedAt">When it was issued, if it says so.</param>
public sealed record VerifiedToken(
    string User,
    IReadOnlyCollection<string> Roles,
    IReadOnlyCollection<string> Claims,
    DateTimeOffset ExpiresAt,
    string Id,
    DateTimeOffset? IssuedAt
)
{
    /// <summary>The SHA-256 of the whole text where <see cref="Id"/> is that of what is signed. Revocations once named it, and still count.</summary>
    public string? TextId { get; init; }
}
