namespace NotifyOrleans.Streaming.RabbitMQ.Health;

/// <summary>How the stream of a queue that this silo has taken stands.</summary>
/// <param name="Queue">The queue.</param>
/// <param name="State">What it does.</param>
/// <param name="Detail">Why, in one line; may be empty.</param>
public sealed record QueueHealth(string Queue, QueueState State, string Detail);
