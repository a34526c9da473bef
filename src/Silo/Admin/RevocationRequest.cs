namespace NotifyOrleans.Silo.Admin;

/// <summary>Which tokens are not taken any more; see docs/protocol/auth.md.</summary>
/// <param name="User">Those of a user.</param>
/// <param name="TokenId">The one with this <c>jti</c>; with <paramref name="User"/>, its bearer's connections are found faster.</param>
/// <param name="IssuedBefore">Those that were issued before; of <paramref name="User"/>, or else of everybody. Default for a user: now.</param>
internal sealed record RevocationRequest(string? User, string? TokenId, DateTimeOffset? IssuedBefore);
