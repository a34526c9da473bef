namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>What the stream of a queue is fed from now.</summary>
/// <param name="Queue">The broker's queue; null when there is none for this stream.</param>
/// <param name="UntilEmpty">Whether only until it is empty and all is settled; then there is a new assignment.</param>
/// <param name="Reason">Shown in health.</param>
public sealed record QueueAssignment(string? Queue, bool UntilEmpty, string Reason)
{
    /// <summary>Consume a queue.</summary>
    public static QueueAssignment Consume(string queue) => new(queue, UntilEmpty: false, "");

    /// <summary>Consume a queue that is given up, until nothing is left in it.</summary>
    public static QueueAssignment Drain(string queue) => new(queue, UntilEmpty: true, $"empties {queue} first");

    /// <summary>Consume nothing; this is as it should be.</summary>
    public static QueueAssignment Idle(string reason) => new(Queue: null, UntilEmpty: false, reason);
}
