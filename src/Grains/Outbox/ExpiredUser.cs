namespace NotifyOrleans.Grains.Outbox;

/// <param name="Shard">The user's shard.</param>
/// <param name="User">A user with a row that has outlived its time.</param>
public readonly record struct ExpiredUser(int Shard, string User);
