namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>
/// Tells the broker which deliveries are done with: the only place where one is acknowledged. It serves the deliveries of this silo's queues; safe for use by many threads.
/// </summary>
public interface IDeliverySettler
{
    /// <summary>
    /// Settles one delivery. It is acknowledged together with others as soon as all before it are settled too.
    /// One of a channel that is closed, or settled before, does nothing: the broker delivers it again, or has it off its list.
    /// </summary>
    void Settle(string queue, long channelEpoch, ulong tag);

    /// <summary>The channels whose deliveries can be settled now.</summary>
    IReadOnlyList<(string Queue, long ChannelEpoch)> Channels { get; }

    /// <summary>Whether deliveries of a channel can still be settled. When not, the broker delivers them again, here or elsewhere.</summary>
    bool IsCurrent(string queue, long channelEpoch);
}
