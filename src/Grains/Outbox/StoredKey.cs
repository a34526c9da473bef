using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Grains.Outbox;

/// <summary>Names one row, and says what else has to go with it.</summary>
/// <param name="User">The key of the mailbox that it is in.</param>
/// <param name="Place">Its place.</param>
/// <param name="MessageId">Its <c>message-id</c>, if it has one.</param>
/// <param name="ExpiresAt">When its time ends, in milliseconds since the Unix epoch.</param>
public readonly record struct StoredKey(string User, Place Place, string? MessageId, long ExpiresAt);
