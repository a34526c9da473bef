namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>A token that a user has shown. The token itself is kept nowhere.</summary>
/// <param name="Id">What it is revoked by.</param>
/// <param name="IssuedAt">Its <c>iat</c>, when it has one.</param>
/// <param name="ExpiresAt">When it ends.</param>
/// <param name="Roles">Roles that rules name.</param>
/// <param name="Claims">Its claims, as <c>name=value</c>: rules that name them may come later.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.KnownToken")]
public sealed record KnownToken(
    [property: Id(0)] string Id,
    [property: Id(1)] DateTimeOffset? IssuedAt,
    [property: Id(2)] DateTimeOffset ExpiresAt,
    [property: Id(3)] string[] Roles,
    [property: Id(4)] string[] Claims
)
{
    /// <summary>Its other roles: rules that name them may come later.</summary>
    [Id(5)]
    public string[] OtherRoles { get; init; } = [];

    /// <inheritdoc cref="VerifiedToken.TextId"/>
    [Id(6)]
    public string? TextId { get; init; }

    /// <summary>Whether another showing of the token says the same.</summary>
    public bool SaysTheSameAs(KnownToken other) =>
        (IssuedAt, ExpiresAt) == (other.IssuedAt, other.ExpiresAt)
        && Roles.SequenceEqual(other.Roles)
        && Claims.SequenceEqual(other.Claims)
        && OtherRoles.SequenceEqual(other.OtherRoles);
}
