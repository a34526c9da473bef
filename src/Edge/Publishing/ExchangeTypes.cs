using NotifyOrleans.Edge.Queues;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>
/// Tells topic exchanges from others: only of a topic exchange the broker asks who may use which key. AMQP has no question for it, so one is asked whose answer is always a refusal that says it, and
/// that changes nothing: the exchange is declared as a topic exchange with an argument that no exchange can have.
/// </summary>
internal sealed class ExchangeTypes(BrokerConnection broker, ILogger<ExchangeTypes> logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    // The name of another exchange; a number is refused, before anything is made.
    private static readonly Dictionary<string, object?> Impossible = new() { ["alternate-exchange"] = 0 };

    /// <summary>Whether it is there and is certainly no topic exchange.</summary>
    public async Task<bool> IsOtherAsync(string exchange)
    {
        try
        {
            using var patience = new CancellationTokenSource(Timeout);
            await using var channel = await broker.OpenChannelAsync(patience.Token);
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, autoDelete: false, Impossible, passive: false, noWait: false, patience.Token);
            return false;
        }
        catch (OperationInterruptedException exception)
        {
            // Among several differences the type is named first.
            return exception.ShutdownReason?.ReplyText.Contains("inequivalent arg 'type'", StringComparison.Ordinal) == true;
        }
        catch (Exception exception)
        {
            logger.LogTypeUnknown(exception, exchange);
            return false;
        }
    }
}
