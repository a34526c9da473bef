namespace NotifyOrleans.Edge.Authority;

/// <summary>Who a session is, as the authority has said.</summary>
/// <param name="User">The user.</param>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Tags">What the authority wants to hear again with later questions.</param>
/// <param name="ExpiresAt">When the token ends; null when it does not.</param>
internal sealed record Identity(string User, string Vhost, string[] Tags, DateTimeOffset? ExpiresAt);
