namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>For a consumer that has lost its knowledge of what it was given.</summary>
public interface IQueueRecovery
{
    /// <summary>
    /// Closes the channel, so that the broker delivers all that is not settled again, in order, under a new channel epoch.
    /// Does nothing when the queue is on another channel already. Completes when the channel is closed.
    /// </summary>
    Task RedeliverAsync(string queue, long channelEpoch);
}
