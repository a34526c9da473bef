namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>
/// Tells the broker which deliveries are done with: the only place where one is acknowledged. It serves the deliveries of this silo's queues; safe for use by
/// many threads.
/// </summary>
public interface IDeliverySettler
{
    /// <summary>
    /// Settles one delivery. It is acknowledged together with others as soon as all before it are settled too, or by itself when one of them takes long, and
    /// when the channel is closed.
    /// One of a channel that is closed, or settled before, does nothing: the broker delivers it again, or has it off its list.
    /// </summary>
    void Settle(string queue, long channelEpoch, ulong tag);

    /// <summary>
    /// Says that the consumer still has a channel's oldest unsettled delivery in hand: however long it takes to settle, it is not lost, and is not delivered
    /// again for that. To be said again and again, within <see cref="RabbitMqStreamOptions.SettlementTimeout"/>.
    /// </summary>
    /// <param name="queue">The queue.</param>
    /// <param name="channelEpoch">The channel.</param>
    /// <param name="tag">The oldest delivery that the consumer has.</param>
    void Hold(string queue, long channelEpoch, ulong tag);

    /// <summary>The channels whose deliveries can be settled now.</summary>
    IReadOnlyList<(string Queue, long ChannelEpoch)> Channels { get; }

    /// <summary>Whether this silo has had the queue without a break since a channel of it.</summary>
    bool HasHadSince(string queue, long channelEpoch);

    /// <summary>Whether deliveries of a channel can still be settled. When not, the broker delivers them again, here or elsewhere.</summary>
    bool IsCurrent(string queue, long channelEpoch);
}
