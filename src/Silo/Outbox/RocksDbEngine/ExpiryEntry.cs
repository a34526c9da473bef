using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>One entry of a shard's expiry index.</summary>
/// <param name="ExpiresAt">When the row's time ends, in milliseconds since the Unix epoch.</param>
/// <param name="User">Whose row it is.</param>
/// <param name="Place">The row's place.</param>
internal readonly record struct ExpiryEntry(long ExpiresAt, string User, Place Place);
