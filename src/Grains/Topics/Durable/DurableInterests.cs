using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <param name="Generation">The registry's generation.</param>
/// <param name="Interests">What durable subscriptions are to, each once.</param>
public sealed record DurableInterests(long Generation, IReadOnlyList<TopicInterest> Interests);
