namespace NotifyOrleans.Grains.Outbox;

/// <summary>The store cannot be read or written now (disk full, folder not writable, database away).</summary>
public sealed class OutboxUnavailableException(string message, Exception? innerException = null) : Exception(message, innerException);
