namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

internal enum SessionEndKind
{
    /// <summary>The connection is gone; it is reported for all its channels at once.</summary>
    ConnectionLost,

    /// <summary>The broker closed the channel.</summary>
    ChannelClosed,

    /// <summary>The broker cancelled the consumer: the queue was deleted, or its node is gone.</summary>
    ConsumerCancelled,

    /// <summary>We want all that is not settled again.</summary>
    Redelivery,

    /// <summary>The queue was to be emptied, and is.</summary>
    Drained,
}
