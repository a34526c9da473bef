using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Provider;

/// <summary>What Orleans' pulling agent reads a queue through. It never fails: faults of the broker are the consumer's to mend.</summary>
internal sealed class RabbitMqReceiver(QueueConsumer consumer, QueueConsumers consumers) : IQueueAdapterReceiver
{
    public Task Initialize(TimeSpan timeout)
    {
        consumers.Add(consumer);
        consumer.Start();
        return Task.CompletedTask;
    }

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount) => GetQueueMessagesAsync(maxCount, CancellationToken.None);

    public Task<IList<IBatchContainer>> GetQueueMessagesAsync(int maxCount, CancellationToken cancellationToken) =>
        consumer.TakeAsync(maxCount, cancellationToken);

    // Called late, in blocks, and also for deliveries that no handler took: only the consumer itself knows when one is done with.
    public Task MessagesDeliveredAsync(IList<IBatchContainer> messages) => Task.CompletedTask;

    public async Task Shutdown(TimeSpan timeout)
    {
        await consumer.DisposeAsync();
        consumers.Remove(consumer);
    }
}
