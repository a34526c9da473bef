namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>A queue cannot be consumed yet; the message says what it waits for.</summary>
public sealed class QueueNotReadyException(string message) : Exception(message);
