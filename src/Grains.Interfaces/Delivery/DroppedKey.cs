namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Exchange">The source exchange.</param>
/// <param name="RoutingKey">The key.</param>
/// <param name="Count">How many messages of it were dropped.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DroppedKey")]
public readonly record struct DroppedKey([property: Id(0)] string Exchange, [property: Id(1)] string RoutingKey, [property: Id(2)] long Count);
