namespace NotifyOrleans.Grains.Authority;

/// <summary>What a token grants.</summary>
/// <param name="ExpiresAt">Until when.</param>
/// <param name="Roles">Roles that rules name.</param>
/// <param name="Claims">Claims that rules name, as <c>name=value</c>.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TokenGrant")]
public sealed record TokenGrant([property: Id(0)] DateTimeOffset ExpiresAt, [property: Id(1)] string[] Roles, [property: Id(2)] string[] Claims);
