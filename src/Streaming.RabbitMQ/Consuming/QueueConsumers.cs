using System.Collections.Concurrent;
using NotifyOrleans.Streaming.RabbitMQ.Health;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>The consumers of the queues that this silo has taken, by queue.</summary>
internal sealed class QueueConsumers(ChannelEpochs epochs) : IDeliverySettler, IQueueRecovery, IStreamHealth
{
    private readonly ConcurrentDictionary<string, QueueConsumer> _consumers = new();

    public IEnumerable<QueueConsumer> All => _consumers.Values;

    public IReadOnlyList<QueueHealth> Queues =>
        [.. _consumers.Values.Select(consumer => consumer.Health).OrderBy(health => health.Queue, StringComparer.Ordinal)];

    public IReadOnlyList<(string Queue, long ChannelEpoch)> Channels =>
        [
            .. _consumers
                .Values.Select(consumer => (consumer.Queue, consumer.Channel))
                .Where(each => each.Channel is not null)
                .Select(each => (each.Queue, each.Channel!.Value)),
        ];

    public void Add(QueueConsumer consumer) => _consumers[consumer.Queue] = consumer;

    public void Remove(QueueConsumer consumer) => _consumers.TryRemove(new(consumer.Queue, consumer));

    public bool HasHadSince(string queue, long channelEpoch) => _consumers.TryGetValue(queue, out var consumer) && consumer.Since < channelEpoch;

    public bool IsCurrent(string queue, long channelEpoch) => _consumers.TryGetValue(queue, out var consumer) && consumer.IsCurrent(channelEpoch);

    public void Settle(string queue, long channelEpoch, ulong tag)
    {
        if (_consumers.TryGetValue(queue, out var consumer))
            consumer.Settle(channelEpoch, tag);
    }

    public void Hold(string queue, long channelEpoch, ulong tag)
    {
        if (_consumers.TryGetValue(queue, out var consumer))
            consumer.Hold(channelEpoch, tag);
    }

    public Task RedeliverAsync(string queue, long channelEpoch) =>
        _consumers.TryGetValue(queue, out var consumer) ? consumer.RedeliverAsync(channelEpoch) : Task.CompletedTask;

    public Task ReassignAsync() => Task.WhenAll(_consumers.Values.Select(consumer => consumer.ReassignAsync()));

    public Task RedeliverAsync(string queue, long channelEpoch, long newerThan)
    {
        epochs.Observe(newerThan);
        return RedeliverAsync(queue, channelEpoch);
    }
}
