namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

/// <summary>One entry of a shard's notice index.</summary>
/// <param name="At">When it is to be told that messages wait, in milliseconds since the Unix epoch.</param>
/// <param name="User">For whom.</param>
internal readonly record struct NoticeEntry(long At, string User);
