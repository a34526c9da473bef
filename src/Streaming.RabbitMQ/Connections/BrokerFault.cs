using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace NotifyOrleans.Streaming.RabbitMQ.Connections;

/// <summary>Says in one line what the broker, or the way to it, has against a request.</summary>
public static class BrokerFault
{
    /// <summary>The broker's own words where it spoke (<c>NOT_FOUND - no queue 'q' in vhost '/'</c>), else the innermost message.</summary>
    public static string Describe(Exception exception) =>
        exception switch
        {
            OperationInterruptedException { ShutdownReason: { } reason } => Describe(reason),
            BrokerUnreachableException { InnerException: { } inner } => Describe(inner),
            AggregateException { InnerException: { } inner } => Describe(inner),
            { InnerException: { } inner } => Describe(inner),
            _ => exception.Message,
        };

    public static string Describe(ShutdownEventArgs reason) =>
        reason.ReplyText.Length > 0 ? reason.ReplyText : reason.Exception?.Message ?? $"closed with code {reason.ReplyCode}";

    /// <summary>The AMQP reply code (AMQP 0-9-1, 1.2: 404 = not found, 406 = precondition failed), 0 when the broker did not speak.</summary>
    public static ushort CodeOf(Exception exception) => (exception as OperationInterruptedException)?.ShutdownReason?.ReplyCode ?? 0;
}
