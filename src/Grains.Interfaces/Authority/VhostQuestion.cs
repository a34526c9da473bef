namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Username">Who asks.</param>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Ip">The peer's address, when known.</param>
/// <param name="Tags">The tags of the user answer.</param>
/// <param name="TokenId">The id of the token that the asker has signed in with, where that is known: then what it says counts, and no other of the user's. The
/// broker does not tell.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.VhostQuestion")]
public sealed record VhostQuestion(
    [property: Id(0)] string Username,
    [property: Id(1)] string Vhost,
    [property: Id(2)] string? Ip,
    [property: Id(3)] string[] Tags,
    [property: Id(4)] string? TokenId = null
);
