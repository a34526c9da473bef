namespace NotifyOrleans.Grains.Authority.Tokens;

/// <summary>How a user stands now.</summary>
/// <param name="Expired">Of the tokens that were shown none is good any more: ended, or revoked.</param>
/// <param name="ExpiredRoles">Roles that were shown, by no token that is still good.</param>
/// <param name="Claims">Claims of tokens that are still good.</param>
/// <param name="OtherRoles">Roles of tokens that are still good which no rule named when they were shown.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.UserStanding")]
public sealed record UserStanding(
    [property: Id(0)] bool Expired,
    [property: Id(1)] string[] ExpiredRoles,
    [property: Id(2)] string[] Claims,
    [property: Id(3)] string[] OtherRoles
)
{
    /// <summary>
    /// Whether the token that was asked about is not known, as when the store cannot be read: it may give more than this, or take something away.
    /// </summary>
    [Id(4)]
    public bool IsPartial { get; init; }

    /// <summary>No token was shown.</summary>
    public static readonly UserStanding Unknown = new(false, [], [], []);

    /// <summary>No token was shown, and whatever there was is revoked.</summary>
    public static readonly UserStanding Nobody = new(true, [], [], []);
}
