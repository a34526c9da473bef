namespace NotifyOrleans.Grains.Outbox;

/// <param name="Shard">The user's shard.</param>
/// <param name="User">A user of whom it is due to be told that messages wait for him.</param>
public readonly record struct DueUser(int Shard, string User);
