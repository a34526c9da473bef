namespace NotifyOrleans.Grains.Queues;

/// <summary>Subscriptions to queues of the broker: section <c>Queues</c> of a silo.</summary>
public sealed class QueuesOptions
{
    public const string Section = "Queues";

    /// <summary>
    /// The most messages that one subscription may hold of its queue, whatever its <c>prefetch-count</c> says. Default 2,000: a silo holds so many messages in
    /// memory for a client that does not acknowledge; with more no client is faster.
    /// </summary>
    public int MaxPrefetch { get; set; } = 2000;

    /// <summary>
    /// Subscriptions that share a connection to the broker, each with a channel of its own. Default 1,000: RabbitMQ allows 2,047 channels. Further connections
    /// are opened when they are needed.
    /// </summary>
    public int MaxChannelsPerConnection { get; set; } = 1000;

    /// <summary>How long a request waits for the broker. Default 4 s: below the 5 s after which an edge asks again.</summary>
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(4);
}
