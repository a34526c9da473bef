using NotifyOrleans.Edge.Queues;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>
/// Tells topic exchanges from others: only of a topic exchange the broker asks who may use which key. AMQP has no question for it, so one is asked whose answer
/// is always a refusal that says it, and that changes nothing: the exchange is declared as a topic exchange with an argument that no exchange can have. That
/// costs a channel, so the answer is kept for a while.
/// </summary>
internal sealed class ExchangeTypes(BrokerConnection broker, TimeProvider time, ILogger<ExchangeTypes> logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    /// <summary>How late it is noticed that an exchange was made anew with another type, or made at all.</summary>
    private static readonly TimeSpan KeptFor = TimeSpan.FromSeconds(5);

    /// <summary>Answers that are kept: far above the exchanges that clients use. When there are more, all are forgotten.</summary>
    private const int MaxKept = 1000;

    // The name of another exchange; a number is refused, before anything is made.
    private static readonly Dictionary<string, object?> Impossible = new() { ["alternate-exchange"] = 0 };

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Task<bool?> Answer, long AskedAt)> _asked = [];

    /// <summary>Whether it is there and is certainly no topic exchange.</summary>
    public async Task<bool> IsOtherAsync(string exchange)
    {
        Task<bool?> asking;
        lock (_gate)
        {
            if (
                !_asked.TryGetValue(exchange, out var asked)
                || time.GetElapsedTime(asked.AskedAt) >= KeptFor
                || asked.Answer is { IsCompletedSuccessfully: true, Result: null }
            )
            {
                if (_asked.Count >= MaxKept)
                    _asked.Clear();
                _asked[exchange] = asked = (AskAsync(exchange), time.GetTimestamp());
            }
            asking = asked.Answer;
        }
        return await asking == true;
    }

    /// <returns>Null when nobody can say it now.</returns>
    private async Task<bool?> AskAsync(string exchange)
    {
        await Task.CompletedTask.ConfigureAwait(ConfigureAwaitOptions.ForceYielding);
        try
        {
            using var patience = new CancellationTokenSource(Timeout);
            await using var channel = await broker.OpenChannelAsync(patience.Token);
            await channel.ExchangeDeclareAsync(
                exchange,
                ExchangeType.Topic,
                durable: true,
                autoDelete: false,
                Impossible,
                passive: false,
                noWait: false,
                patience.Token
            );
            return false;
        }
        catch (OperationInterruptedException exception)
            when (exception.ShutdownReason is { Initiator: ShutdownInitiator.Peer, ReplyCode: Constants.PreconditionFailed or Constants.AccessRefused } refusal)
        {
            // Among several differences the type is named first.
            return refusal.ReplyText.Contains("inequivalent arg 'type'", StringComparison.Ordinal);
        }
        catch (Exception exception)
        {
            logger.LogTypeUnknown(exception, exchange);
            return null;
        }
    }
}
