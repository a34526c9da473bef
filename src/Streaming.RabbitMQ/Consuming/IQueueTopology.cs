using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>Sees to it that there is something to consume. Without one the queues are taken to be there.</summary>
public interface IQueueTopology
{
    /// <summary>
    /// Called before the stream of a queue gets a channel: at the start, and after each loss of connection, channel or queue.
    /// </summary>
    /// <param name="queue">The stream's queue, as in the options.</param>
    /// <param name="connection">An open connection.</param>
    /// <param name="cancellationToken">The silo stops, or the queue goes to another one.</param>
    /// <exception cref="QueueNotReadyException">Not yet; it is asked again shortly.</exception>
    Task<QueueAssignment> PrepareAsync(string queue, IConnection connection, CancellationToken cancellationToken);
}
