namespace NotifyOrleans.Grains.Authority;

/// <summary>What a good token says.</summary>
/// <param name="User">Its bearer.</param>
/// <param name="Roles">The bearer's roles.</param>
/// <param name="Claims">All claims as <c>name=value</c>, one for each element of an array and each scope.</param>
/// <param name="ExpiresAt">When it ends.</param>
public sealed record VerifiedToken(string User, IReadOnlyCollection<string> Roles, IReadOnlyCollection<string> Claims, DateTimeOffset ExpiresAt);
