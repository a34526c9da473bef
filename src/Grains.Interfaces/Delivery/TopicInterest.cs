namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <param name="Exchange">The source exchange.</param>
/// <param name="Pattern">A topic pattern.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.TopicInterest")]
public readonly record struct TopicInterest([property: Id(0)] string Exchange, [property: Id(1)] string Pattern);
