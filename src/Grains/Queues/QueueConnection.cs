using NotifyOrleans.Streaming.RabbitMQ.Connections;

namespace NotifyOrleans.Grains.Queues;

/// <summary>One connection, and how many channels of it are in use.</summary>
internal sealed class QueueConnection(BrokerConnection broker)
{
    private int _channels;

    public BrokerConnection Broker => broker;

    /// <summary>Counts a channel in; false when there are so many already.</summary>
    public bool TryTake(int max)
    {
        if (Interlocked.Increment(ref _channels) <= max)
            return true;
        Return();
        return false;
    }

    /// <summary>Counts a channel in, beyond the limit if need be: an exclusive queue is the connection's that has declared it.</summary>
    public void Take() => Interlocked.Increment(ref _channels);

    public void Return() => Interlocked.Decrement(ref _channels);
}
