using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>The queues are made by somebody else.</summary>
internal sealed class ExistingQueues : IQueueTopology
{
    public Task<QueueAssignment> PrepareAsync(string queue, IConnection connection, CancellationToken cancellationToken) =>
        Task.FromResult(QueueAssignment.Consume(queue));
}
