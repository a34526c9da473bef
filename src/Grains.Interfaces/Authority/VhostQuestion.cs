namespace NotifyOrleans.Grains.Interfaces.Authority;

/// <param name="Username">Who asks.</param>
/// <param name="Vhost">The virtual host.</param>
/// <param name="Ip">The peer's address, when known.</param>
/// <param name="Tags">The tags of the user answer.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.VhostQuestion")]
public sealed record VhostQuestion(
    [property: Id(0)] string Username, [property: Id(1)] string Vhost, [property: Id(2)] string? Ip, [property: Id(3)] string[] Tags);
