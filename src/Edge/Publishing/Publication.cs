using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Hosting.Broker;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>One message on its way to the broker.</summary>
/// <param name="exchange">The exchange.</param>
/// <param name="routingKey">The routing key.</param>
/// <param name="properties">Properties and headers.</param>
/// <param name="body">The body; it is not changed until the end.</param>
internal sealed class Publication(string exchange, string routingKey, BasicProperties properties, ReadOnlyMemory<byte> body)
{
    private readonly TaskCompletionSource _outcome = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public string Exchange => exchange;

    public string RoutingKey => routingKey;

    public BasicProperties Properties => properties;

    public ReadOnlyMemory<byte> Body => body;

    /// <inheritdoc cref="AmqpFrames.HeaderFrameBytes"/>
    public int HeaderFrameBytes => AmqpFrames.HeaderFrameBytes(properties);

    /// <summary>Memory that it takes, as AMQP counts.</summary>
    public long Bytes => (long)body.Length + HeaderFrameBytes;

    /// <summary>Completes with the broker's confirm, or fails with why there is none.</summary>
    public Task Outcome => _outcome.Task;

    /// <summary>Whether nobody waits for it any more: it is not sent if it has not been.</summary>
    public bool IsGivenUp { get; private set; }

    /// <summary>
    /// Why AMQP cannot carry it; null when it can. RabbitMQ's client looks at the names only, and the broker closes the whole connection for the rest.
    /// </summary>
    /// <param name="maxFrameBytes">Bytes of a frame; 0 for no limit.</param>
    public StompError? FindFault(uint maxFrameBytes)
    {
        if (ShortString.IsTooLong(exchange) || ShortString.IsTooLong(routingKey))
            return StompErrors.TooLongDestination();
        return maxFrameBytes > 0 && HeaderFrameBytes > maxFrameBytes ? StompErrors.TooLargeHeaders(maxFrameBytes) : null;
    }

    public void GiveUp() => IsGivenUp = true;

    public void Confirm() => _outcome.TrySetResult();

    public void Fail(Exception exception) => _outcome.TrySetException(exception);
}
