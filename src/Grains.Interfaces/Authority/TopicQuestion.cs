namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Username">Who asks.</param>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Exchange">The exchange.</param>
/// <param name="Permission">Write (the key is a routing key) or read (the key is a pattern).</param>
/// <param name="RoutingKey">The key or pattern; over 255 bytes is denied.</param>
/// <param name="Tags">The tags of the user answer.</param>
/// <param name="TokenId">The id of the token that the asker has signed in with, where that is known: then what it says counts, and no other of the user's. The
/// broker does not tell.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicQuestion")]
public sealed record TopicQuestion(
    [property: Id(0)] string Username,
    [property: Id(1)] string Vhost,
    [property: Id(2)] string Exchange,
    [property: Id(3)] Permission Permission,
    [property: Id(4)] string RoutingKey,
    [property: Id(5)] string[] Tags,
    [property: Id(6)] string? TokenId = null
);
