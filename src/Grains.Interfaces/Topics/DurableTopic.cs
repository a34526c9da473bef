using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Interfaces.Topics;

/// <summary>
/// A durable subscription to topics. As in RabbitMQ the same id to another destination is another subscription; unlike there it is its user's alone.
/// </summary>
/// <param name="User">Whose it is.</param>
/// <param name="Id">The client's name for it.</param>
/// <param name="Interest">What it is to.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.DurableTopic")]
public readonly record struct DurableTopic([property: Id(0)] string User, [property: Id(1)] string Id, [property: Id(2)] TopicInterest Interest);
