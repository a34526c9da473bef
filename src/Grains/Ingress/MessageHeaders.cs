using System.Globalization;
using System.Text;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// AMQP headers and properties as the STOMP headers of a MESSAGE, with the names, order and choice of RabbitMQ's Web STOMP: of the headers table long strings
/// and signed 32 and 64 bit integers, in the publisher's order, then the properties from the last to the first.
/// </summary>
internal static class MessageHeaders
{
    // RabbitMQ's .NET client adds it to what is published with tracked confirms; it means something to that client alone.
    private const string ConfirmNumber = "x-dotnet-pub-seq-no";

    private const string ReplyTo = "reply-to";

    // What is no destination already is the name of a queue to reply to.
    private static readonly string[] DestinationPrefixes = ["/exchange", "/topic", "/queue", "/amq/queue", "/reply-queue/"];

    public static NotificationHeader[] Of(RabbitMqDelivery delivery)
    {
        var headers = new List<NotificationHeader>();
        if (delivery.Headers is { } table)
            AddTable(headers, table);
        Add(headers, "app-id", delivery.AppId);
        Add(headers, "user-id", delivery.UserId);
        Add(headers, "type", delivery.Type);
        Add(headers, "timestamp", Text(delivery.Timestamp));
        Add(headers, "amqp-message-id", delivery.MessageId);
        Add(headers, "expiration", delivery.Expiration);
        Add(headers, ReplyTo, delivery.ReplyTo);
        Add(headers, "correlation-id", delivery.CorrelationId);
        Add(headers, "priority", Text(delivery.Priority));
        // The reference says `1` for a transient message, and not `false`.
        Add(headers, "persistent", delivery.DeliveryMode == 2 ? "true" : Text(delivery.DeliveryMode));
        Add(headers, "content-encoding", delivery.ContentEncoding);
        Add(headers, "content-type", delivery.ContentType);
        return [.. headers];
    }

    private static void AddTable(List<NotificationHeader> headers, IReadOnlyDictionary<string, object?> table)
    {
        foreach (var (name, value) in table)
        {
            if (name is RecipientsHeader.Name or RedrivenHeader.Name or ConfirmNumber)
                continue;
            Add(
                headers,
                name,
                value switch
                {
                    byte[] text => Encoding.UTF8.GetString(text),
                    int number => Text(number),
                    long number => Text(number),
                    _ => null,
                }
            );
        }
    }

    private static void Add(List<NotificationHeader> headers, string name, string? value)
    {
        if (value is not null)
            headers.Add(new NotificationHeader(name, name == ReplyTo ? DestinationOf(value) : value));
    }

    private static string DestinationOf(string replyTo) =>
        DestinationPrefixes.Any(prefix => replyTo.StartsWith(prefix, StringComparison.Ordinal)) ? replyTo : $"/reply-queue/{replyTo}";

    private static string? Text(long? number) => number?.ToString(CultureInfo.InvariantCulture);
}
