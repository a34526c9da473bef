using NotifyOrleans.Streaming.RabbitMQ.Consuming;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Provider;

/// <summary>Reads RabbitMQ queues as streams. Nothing is written to them: publishers use exchanges.</summary>
internal sealed class RabbitMqAdapter(string name, Func<string, QueueConsumer> consumerOf, QueueConsumers consumers) : IQueueAdapter
{
    public string Name => name;

    public bool IsRewindable => false;

    public StreamProviderDirection Direction => StreamProviderDirection.ReadOnly;

    public IQueueAdapterReceiver CreateReceiver(QueueId queueId) => new RabbitMqReceiver(consumerOf(queueId.GetStringNamePrefix()), consumers);

    public Task QueueMessageBatchAsync<T>(StreamId streamId, IEnumerable<T> events, StreamSequenceToken? token, Dictionary<string, object>? requestContext) =>
        throw new NotSupportedException("The streams of RabbitMQ queues are read only");
}
