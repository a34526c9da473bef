namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>A queue is not to be consumed yet; the message says what it waits for. That is no fault.</summary>
public sealed class QueueNotReadyException(string message) : Exception(message);
