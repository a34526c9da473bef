namespace NotifyOrleans.Grains.Interfaces.Queues;

/// <summary>What fills a subscription's queue.</summary>
/// <param name="Exchange">An exchange, which has to be there.</param>
/// <param name="Key">A routing key or pattern, as the exchange takes it.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.QueueBinding")]
public sealed record QueueBinding([property: Id(0)] string Exchange, [property: Id(1)] string Key);
