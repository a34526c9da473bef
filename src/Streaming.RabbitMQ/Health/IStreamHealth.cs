namespace NotifyOrleans.Streaming.RabbitMQ.Health;

/// <summary>How this silo's part of the streams stands.</summary>
public interface IStreamHealth
{
    /// <summary>The queues that this silo has taken.</summary>
    IReadOnlyList<QueueHealth> Queues { get; }
}
