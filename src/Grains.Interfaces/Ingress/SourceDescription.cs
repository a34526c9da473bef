namespace NotifyOrleans.Grains.Interfaces.Ingress;

/// <summary>A configured source, as edges need to know it.</summary>
/// <param name="Exchange">The source exchange.</param>
/// <param name="Users">Templates of the routing keys that address a user, such as <c>user.{user}.#</c>.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.SourceDescription")]
public sealed record SourceDescription([property: Id(0)] string Exchange, [property: Id(1)] string[] Users);
