namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Allowed">Whether the token is good for this login.</param>
/// <param name="User">Who it is; empty when refused.</param>
/// <param name="Tags">Roles that rules name, and broker tags; sent back with every later question.</param>
/// <param name="ExpiresAt">When the token ends; null when it does not.</param>
/// <param name="TokenId">What the token is revoked by; see <see cref="Revocation.TokenId"/>.</param>
/// <param name="IssuedAt">The token's <c>iat</c>, when it has one.</param>
/// <param name="MayEnter">Whether he may enter the virtual host of the question from there; false where that was not asked.</param>
/// <param name="TextId">The SHA-256 of the token's whole text, where its id is that of what is signed: revocations once named it.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UserAnswer")]
public sealed record UserAnswer(
    [property: Id(0)] bool Allowed,
    [property: Id(1)] string User,
    [property: Id(2)] string[] Tags,
    [property: Id(3)] DateTimeOffset? ExpiresAt,
    [property: Id(4)] string TokenId = "",
    [property: Id(5)] DateTimeOffset? IssuedAt = null,
    [property: Id(6)] bool MayEnter = false,
    [property: Id(7)] string? TextId = null
)
{
    public static readonly UserAnswer Denied = new(false, "", [], null);
}
