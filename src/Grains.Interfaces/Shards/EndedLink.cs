namespace NotifyOrleans.Grains.Interfaces.Shards;

/// <param name="Silo">The silo whose link to the edge has ended.</param>
/// <param name="Number">The link's number there.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.EndedLink")]
public sealed record EndedLink([property: Id(0)] string Silo, [property: Id(1)] long Number);
