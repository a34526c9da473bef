using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Provider;

/// <summary>The queues at even distances on the ring that Orleans divides among the silos.</summary>
internal sealed class RabbitMqQueueMapper : IConsistentRingStreamQueueMapper
{
    private readonly Dictionary<string, QueueId> _queues = [];

    public RabbitMqQueueMapper(IList<string> queues)
    {
        for (var i = 0; i < queues.Count; i++)
            _queues.Add(queues[i], QueueId.GetQueueId(queues[i], (uint)i, (uint)((1L << 32) / queues.Count * i)));
    }

    public IEnumerable<QueueId> GetAllQueues() => _queues.Values;

    public IEnumerable<QueueId> GetQueuesForRange(IRingRange range) => [.. _queues.Values.Where(queue => range.InRange(queue.GetUniformHashCode()))];

    public QueueId GetQueueForStream(StreamId streamId) =>
        _queues.TryGetValue(streamId.GetKeyAsString(), out var queue) ? queue : throw new ArgumentException($"There is no queue for the stream {streamId}");
}
