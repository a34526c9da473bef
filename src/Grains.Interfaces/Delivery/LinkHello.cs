namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Lanes">The edge's observers; a subscription is served by the one that it names.</param>
/// <param name="Interests">The topic patterns that the edge has subscribers for.</param>
/// <param name="Topics">For each lane the number up to which the edge has had the silo's topic messages over its former links; null when this is the
/// first.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.LinkHello")]
public sealed record LinkHello([property: Id(0)] IDeliveryObserver[] Lanes, [property: Id(1)] TopicInterest[] Interests, [property: Id(2)] long[]? Topics);
