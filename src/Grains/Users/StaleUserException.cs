namespace NotifyOrleans.Grains.Users;

/// <summary>A user's grain was called for another owner of its shard than the one it belongs to; it ends, and the call is to be repeated.</summary>
public sealed class StaleUserException(long epoch) : Exception($"The user's grain does not belong to the shard's epoch {epoch}.");
