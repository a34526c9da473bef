using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Interfaces.Delivery;

/// <summary>What became of a message at one subscription.</summary>
/// <param name="User">Whose message it is; empty for a broker queue's, which is nobody's.</param>
/// <param name="Subscription">The subscription's number at the edge.</param>
/// <param name="Place">The message's place.</param>
/// <param name="Outcome">What became of it.</param>
[GenerateSerializer, Immutable, Alias("NotifyOrleans.Settlement")]
public readonly record struct Settlement(
    [property: Id(0)] string User,
    [property: Id(1)] long Subscription,
    [property: Id(2)] Place Place,
    [property: Id(3)] SettlementOutcome Outcome
);
