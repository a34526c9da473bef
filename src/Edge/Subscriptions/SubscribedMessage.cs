using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>One message on its way to one subscription.</summary>
/// <param name="Subscription">Whose it is.</param>
/// <param name="Message">What is delivered.</param>
/// <param name="Link">Where to say what became of it; null for a live topic, where nobody waits for it.</param>
/// <param name="Place">The message's place; for a topic its silo's ordinal and its number there.</param>
/// <param name="Dropped">Messages that limits have dropped before it.</param>
/// <param name="Redelivered">It may have been delivered before.</param>
internal readonly record struct SubscribedMessage(Subscription Subscription, OutgoingMessage Message, Link? Link, Place Place, long Dropped, bool Redelivered);
