namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Lanes">The edge's observers; a subscription is served by the one that it names.</param>
/// <param name="Interests">The topic patterns that the edge has subscribers for.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.LinkHello")]
public sealed record LinkHello([property: Id(0)] IDeliveryObserver[] Lanes, [property: Id(1)] TopicInterest[] Interests);
