namespace NotifyOrleans.Grains.Outbox;

/// <summary>The store cannot be read or written now (disk full, folder not writable, database away).</summary>
[GenerateSerializer, Alias("NotifyOrleans.OutboxUnavailableException")]
public sealed class OutboxUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
