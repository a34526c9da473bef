namespace NotifyOrleans.Grains.Users;

/// <param name="Edge">The edge's name with its incarnation.</param>
/// <param name="Subscription">The subscription's number there.</param>
internal readonly record struct SubscriberKey(string Edge, long Subscription);
