using RabbitMQ.Client;

namespace NotifyOrleans.Hosting.Broker;

/// <summary>What a message takes on the wire.</summary>
public static class AmqpFrames
{
    /// <summary>Of a header frame, beside the properties: type, channel, size, class, weight, size of the body, end.</summary>
    private const int HeaderFrameOverhead = 1 + 2 + 4 + 2 + 2 + 8 + 1;

    /// <summary>
    /// Bytes of the frame that a message's properties are in, which is one in any case: only bodies are divided (AMQP 0-9-1, 4.2.6). The client sends a larger
    /// one than the broker takes (<c>frame_max</c>) all the same, and the broker closes the connection for it.
    /// </summary>
    public static int HeaderFrameBytes(BasicProperties properties) => HeaderFrameOverhead + ((IAmqpWriteable)properties).GetRequiredBufferSize();
}
