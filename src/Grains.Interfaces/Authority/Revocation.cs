namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <summary>
/// Tokens that are not taken any more, though they have not ended: one token, or those of a user or of everybody that were issued before a time.
/// </summary>
/// <param name="Number">Rises with each revocation of the cluster.</param>
/// <param name="User">Whose tokens; null = everybody's. Of no meaning beside a token id.</param>
/// <param name="TokenId">The one token's <c>jti</c> (of a token without one: the SHA-256, in hex, of its header and payload, or of its text if it is opaque);
/// null = not one token.</param>
/// <param name="IssuedBefore">Tokens with an earlier <c>iat</c>, and those without any; null beside a token id.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.Revocation")]
public sealed record Revocation(
    [property: Id(0)] long Number,
    [property: Id(1)] string? User,
    [property: Id(2)] string? TokenId,
    [property: Id(3)] DateTimeOffset? IssuedBefore
)
{
    /// <summary>When it was stored; null when that was not noted yet.</summary>
    [Id(4)]
    public DateTimeOffset? RevokedAt { get; init; }

    /// <summary>When the last of its tokens can have been issued: one that has its id was there before it. Null when nobody knows.</summary>
    public DateTimeOffset? LastIssue() => IssuedBefore > RevokedAt ? IssuedBefore : RevokedAt;
}
