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

    /// <summary>Completes with the broker's confirm, or fails with why there is none.</summary>
    public Task Outcome => _outcome.Task;

    /// <summary>Whether nobody waits for it any more: it is not sent if it has not been.</summary>
    public bool IsGivenUp { get; private set; }

    public void GiveUp() => IsGivenUp = true;

    public void Confirm() => _outcome.TrySetResult();

    public void Fail(Exception exception) => _outcome.TrySetException(exception);
}
