namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Subscription">The number of a subscription to a broker queue.</param>
/// <param name="Registration">The registration that has ended; a later one is left alone.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.EndedQueue")]
public readonly record struct EndedQueue([property: Id(0)] long Subscription, [property: Id(1)] long Registration);
