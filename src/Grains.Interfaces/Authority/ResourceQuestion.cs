namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Username">Who asks.</param>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Resource">Exchange or queue.</param>
/// <param name="Name">Its name; the default exchange is <c>amq.default</c>.</param>
/// <param name="Permission">What for.</param>
/// <param name="Tags">The tags of the user answer.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.ResourceQuestion")]
public sealed record ResourceQuestion(
    [property: Id(0)] string Username,
    [property: Id(1)] string Vhost,
    [property: Id(2)] ResourceKind Resource,
    [property: Id(3)] string Name,
    [property: Id(4)] Permission Permission,
    [property: Id(5)] string[] Tags);
