using NotifyOrleans.Silo.Broker;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.DeadLetters;

/// <summary>
/// The queue of dead letters, for operators: what is in it, and the way back. One at a time looks into it; whatever is not sent back is put back where it was.
/// </summary>
internal sealed partial class DeadLetterQueue(BrokerConnections connections, ILogger<DeadLetterQueue> logger) : IAsyncDisposable
{
    /// <summary>Until a dead letter that was sent back is out of the queue; above what it takes to write to a connection.</summary>
    private static readonly TimeSpan TakeTimeout = TimeSpan.FromSeconds(10);

    private readonly SemaphoreSlim _looking = new(1, 1);
    private readonly ConfirmedChannel _channel = new(connections.DeadLetters);

    /// <summary>Shows dead letters, oldest first.</summary>
    public async Task<DeadLetterPage> ListAsync(DeadLetterSelection selection, int limit, CancellationToken cancellationToken)
    {
        List<DeadLetter> found = [];
        var waiting = await VisitAsync(
            message =>
            {
                var letter = DeadLetter.From(message);
                if (selection.Includes(letter))
                    found.Add(letter);
                return Task.FromResult(Visit.Keep(found.Count < limit));
            },
            cancellationToken
        );
        return new DeadLetterPage(waiting, found);
    }

    /// <summary>
    /// Publishes dead letters again, to the exchange and with the key that they had, oldest first. Each is taken from the queue when the broker has confirmed
    /// it; with the first that it does not, this ends. Reduced ones are left.
    /// </summary>
    /// <remarks>Whoever asked may have gone: then it ends between two of them, since one that is left while it is sent back would be in both places.</remarks>
    public async Task<RedriveResult> RedriveAsync(DeadLetterSelection selection, int limit, CancellationToken cancellationToken)
    {
        var (redriven, reduced) = (0, 0);
        string? fault = null;
        await VisitAsync(
            async message =>
            {
                if (!selection.Includes(DeadLetter.From(message)))
                    return Visit.Keep(goOn: true);
                if (DeadLetterHeaders.IsReduced(message.BasicProperties))
                {
                    reduced++;
                    return Visit.Keep(goOn: true);
                }
                try
                {
                    var (exchange, properties) = DeadLetterHeaders.Revive(message.BasicProperties);
                    await _channel.PublishAsync(exchange, message.RoutingKey, properties, message.Body, CancellationToken.None, mandatory: true);
                }
                catch (Exception exception)
                {
                    fault = exception.Message;
                    return Visit.Keep(goOn: false);
                }
                return Visit.Take(goOn: ++redriven < limit);
            },
            cancellationToken
        );
        LogRedriven(redriven, reduced, fault ?? "none");
        return new RedriveResult(redriven, reduced, fault);
    }

    public ValueTask DisposeAsync() => _channel.DisposeAsync();

    /// <summary>Goes through what is in the queue now, and not through what comes meanwhile: that may be what was sent back.</summary>
    /// <returns>How many there were.</returns>
    private async Task<long> VisitAsync(Func<BasicGetResult, Task<Visit>> visit, CancellationToken cancellationToken)
    {
        await _looking.WaitAsync(cancellationToken);
        try
        {
            var connection = await connections.DeadLetters.GetAsync(cancellationToken);
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            await DeadLetterExchange.DeclareAsync(channel, cancellationToken);
            var count = await channel.MessageCountAsync(DeadLetterExchange.Name, cancellationToken);
            // What is not acknowledged when the channel closes is put back, in its old order.
            for (var i = 0; i < count && await channel.BasicGetAsync(DeadLetterExchange.Name, autoAck: false, cancellationToken) is { } message; i++)
            {
                var (take, goOn) = await visit(message);
                if (take)
                    await TakeAsync(channel, message);
                if (!goOn)
                    break;
            }
            await channel.CloseAsync(CancellationToken.None);
            return count;
        }
        finally
        {
            _looking.Release();
        }
    }

    private static async Task TakeAsync(IChannel channel, BasicGetResult message)
    {
        using var patience = new CancellationTokenSource(TakeTimeout);
        await channel.BasicAckAsync(message.DeliveryTag, multiple: false, patience.Token);
    }

    private readonly record struct Visit(bool TakesIt, bool GoesOn)
    {
        public static Visit Keep(bool goOn) => new(TakesIt: false, goOn);

        public static Visit Take(bool goOn) => new(TakesIt: true, goOn);
    }
}
