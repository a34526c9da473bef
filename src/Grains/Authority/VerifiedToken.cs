namespace NotifyOrleans.Grains.Authority;

/// <summary>What a good token says.</summary>
/// <param name="User">Its bearer.</param>
/// <param name="Roles">The bearer's roles.</param>
/// <param name="Claims">All claims as <c>name=value</c>, one for each element of an array and each scope.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Id">What it is revoked by: its <c>jti</c>, or without one the SHA-256 of its text in hex.</param>
/// <param name="IssuedAt">When it was issued, if it says so.</param>
public sealed record VerifiedToken(
    string User, IReadOnlyCollection<string> Roles, IReadOnlyCollection<string> Claims, DateTimeOffset ExpiresAt, string Id, DateTimeOffset? IssuedAt);
