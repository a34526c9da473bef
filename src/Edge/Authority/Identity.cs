namespace NotifyOrleans.Edge.Authority;

/// <summary>Who a session is, as the authority has said.</summary>
/// <param name="User">The user.</param>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Tags">What the authority wants to hear again with later questions.</param>
/// <param name="ExpiresAt">When the token ends; null when it does not.</param>
/// <param name="TokenId">What the token is revoked by.</param>
/// <param name="IssuedAt">When it was issued, if it says so.</param>
/// <param name="TextId">What revocations once named the token by; null where that is the same.</param>
internal sealed record Identity(
    string User,
    string Vhost,
    string[] Tags,
    DateTimeOffset? ExpiresAt,
    string TokenId,
    DateTimeOffset? IssuedAt,
    string? TextId = null
);
