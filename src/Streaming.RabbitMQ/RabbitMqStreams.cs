namespace NotifyOrleans.Streaming.RabbitMQ;

/// <summary>Names by which grains find the streams of this provider: one stream per queue, its key is the queue's name.</summary>
public static class RabbitMqStreams
{
    /// <summary>The stream provider's name.</summary>
    public const string ProviderName = "rabbitmq";

    /// <summary>The streams' namespace, for <c>[ImplicitStreamSubscription]</c>.</summary>
    public const string Namespace = "rabbitmq.deliveries";

    /// <summary>The stream of a queue.</summary>
    public static StreamId StreamOf(string queue) => StreamId.Create(Namespace, queue);
}
