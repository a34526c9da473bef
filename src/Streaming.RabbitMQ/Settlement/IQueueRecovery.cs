namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>For a consumer that has lost its knowledge of what it was given.</summary>
public interface IQueueRecovery
{
    /// <summary>
    /// Closes the channel, so that the broker delivers all that is not settled again, in order, under a new channel epoch.
    /// Does nothing when the queue is on another channel already. Completes when the channel is closed.
    /// </summary>
    Task RedeliverAsync(string queue, long channelEpoch);

    /// <summary>
    /// The same, because a channel of another silo was found to count as newer: the next one of this silo gets an epoch above it.
    /// Epochs come from clocks; this mends it where clocks of silos differ.
    /// </summary>
    Task RedeliverAsync(string queue, long channelEpoch, long newerThan);
}
