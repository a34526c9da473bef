namespace NotifyOrleans.Grains.Outbox;

/// <param name="Shard">The mailbox's shard.</param>
/// <param name="User">The key of a mailbox with a row that has outlived its time.</param>
public readonly record struct ExpiredUser(int Shard, string User);
