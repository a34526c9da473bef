namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Username">Who asks.</param>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Resource">Exchange or queue.</param>
/// <param name="Name">Its name; the default exchange is <c>amq.default</c>.</param>
/// <param name="Permission">What for.</param>
/// <param name="Tags">The tags of the user answer.</param>
/// <param name="TokenId">The id of the token that the asker has signed in with, where that is known: then what it says counts, and no other of the user's. The
/// broker does not tell.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.ResourceQuestion")]
public sealed record ResourceQuestion(
    [property: Id(0)] string Username,
    [property: Id(1)] string Vhost,
    [property: Id(2)] ResourceKind Resource,
    [property: Id(3)] string Name,
    [property: Id(4)] Permission Permission,
    [property: Id(5)] string[] Tags,
    [property: Id(6)] string? TokenId = null
);
