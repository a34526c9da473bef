namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <param name="Subscription">The durable subscription's number.</param>
/// <param name="Marks">Its place in each log; it has had nothing of others.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DurableOpening")]
public sealed record DurableOpening([property: Id(0)] long Subscription, [property: Id(1)] LogMark[] Marks);
