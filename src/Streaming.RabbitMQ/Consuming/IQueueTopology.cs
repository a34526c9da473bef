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

    /// <summary>
    /// Called when the consumer is registered at the broker, before its first delivery is handed on: whether the assignment still holds. What must not change
    /// while the queue is consumed can so be made to depend on there being no consumer. Default: it does.
    /// </summary>
    /// <exception cref="QueueNotReadyException">That cannot be said now; it begins anew shortly.</exception>
    Task<bool> ConfirmAsync(string queue, QueueAssignment assignment, IConnection connection, CancellationToken cancellationToken) => Task.FromResult(true);
}
