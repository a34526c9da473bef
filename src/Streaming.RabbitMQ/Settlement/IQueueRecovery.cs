namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>For those who have lost their knowledge of deliveries, or know that queues have changed: channels begin anew.</summary>
public interface IQueueRecovery
{
    /// <summary>
    /// Closes the channel, so that the broker delivers all that is not settled again, in order, under a new channel epoch.
    /// Does nothing when the queue is on another channel already. Its deliveries are not current any more when this returns, and the channel is closed when it
    /// completes.
    /// </summary>
    Task RedeliverAsync(string queue, long channelEpoch);

    /// <summary>
    /// Asks the topology anew what the queues of this silo are fed from, those that it has assigned for good: closes their channels, so that the broker
    /// delivers again what is not settled. Completes when they are closed.
    /// </summary>
    Task ReassignAsync();

    /// <summary>
    /// The same, because a channel of another silo was found to count as newer: the next one of this silo gets an epoch above it.
    /// Epochs come from clocks; this mends it where clocks of silos differ.
    /// </summary>
    Task RedeliverAsync(string queue, long channelEpoch, long newerThan);
}
