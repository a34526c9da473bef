using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>Asks the logs for what a durable topic subscription has still to get.</summary>
/// <param name="Interest">What it is to.</param>
/// <param name="After">For each log up to where it was answered already.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DurableQuery")]
public sealed record DurableQuery([property: Id(0)] TopicInterest Interest, [property: Id(1)] LogPosition[] After);
