namespace NotifyOrleans.Streaming.RabbitMQ.Health;

public enum QueueState
{
    /// <summary>There is no connection, or the queue cannot be consumed: the detail says why.</summary>
    Waiting,

    /// <summary>Something else has to be done before it is consumed, as it should be.</summary>
    Postponed,

    /// <summary>Deliveries come.</summary>
    Consuming,

    /// <summary>It is consumed from, but the oldest delivery has not been settled for too long.</summary>
    Stalled,

    /// <summary>There is nothing to consume for it, as it should be.</summary>
    Idle,
}
