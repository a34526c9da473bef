using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Topics;

/// <summary>Retained messages as many subscriptions get them.</summary>
/// <param name="Messages">Each with its version, the oldest first.</param>
/// <param name="Last">The newest version when the first page was read.</param>
/// <param name="IsEnd">Whether there are no more.</param>
internal sealed record RetainedTopics((long Version, OutgoingMessage Message)[] Messages, long Last, bool IsEnd);
