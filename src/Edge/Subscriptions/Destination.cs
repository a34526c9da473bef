using System.Globalization;
using System.Text;
using NotifyOrleans.Edge.Commands;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>A destination in parts. <c>%2F</c> in a part stands for a slash.</summary>
/// <param name="Kind">Its form.</param>
/// <param name="Name">Name of the exchange or queue.</param>
/// <param name="Key">Routing key or pattern; empty when there is none.</param>
internal readonly record struct Destination(DestinationKind Kind, string Name, string Key)
{
    /// <summary>The exchange of <c>/topic/KEY</c>: RabbitMQ's <c>stomp.default_topic_exchange</c>.</summary>
    public const string DefaultTopicExchange = "amq.topic";

    /// <summary>The exchange that a SEND goes to: for a queue the default one, whose name is empty.</summary>
    public string Exchange => Kind == DestinationKind.Exchange ? Name : "";

    /// <summary>The key that a SEND has: for a queue its name.</summary>
    public string RoutingKey => Kind == DestinationKind.Exchange ? Key : Name;

    /// <exception cref="StompErrorException">It is none.</exception>
    public static Destination Parse(string text)
    {
        if (text.Length > 0 && !text.Contains('/', StringComparison.Ordinal))
            return new Destination(DestinationKind.Queue, text, "");
        return text.Split('/') switch
        {
            ["", "exchange", { Length: > 0 } name] => new Destination(DestinationKind.Exchange, Unescape(name), ""),
            ["", "exchange", { Length: > 0 } name, var key] => new Destination(DestinationKind.Exchange, Unescape(name), Unescape(key)),
            ["", "exchange", .. var rest] => throw Invalid("exchange", rest),
            ["", "topic", .. var rest] => new Destination(DestinationKind.Exchange, DefaultTopicExchange, Single("topic", rest)),
            ["", "queue", .. var rest] => new Destination(DestinationKind.Queue, Single("queue", rest), ""),
            ["", "temp-queue", .. var rest] => new Destination(DestinationKind.TempQueue, Single("temp_queue", rest), ""),
            ["", "amq", "queue", .. var rest] => new Destination(DestinationKind.AmqQueue, Single("amqqueue", rest), ""),
            // Names of reply queues may have slashes.
            ["", "reply-queue", _, ..] => new Destination(DestinationKind.ReplyQueue, text["/reply-queue/".Length..], ""),
            _ => throw new StompErrorException(StompErrors.UnknownDestination(text)),
        };
    }

    /// <summary>
    /// The <c>destination</c> of a MESSAGE, as the reference writes it: <c>/queue</c> for the default exchange, <c>/topic</c> for the default topic exchange,
    /// and in the parts <c>/ %</c>, control and all non-ASCII bytes as <c>%XX</c>.
    /// </summary>
    public static string Format(string exchange, string routingKey)
    {
        var text = new StringBuilder(exchange.Length + routingKey.Length + 11);
        if (exchange.Length == 0)
            return Escape(text.Append("/queue/"), routingKey).ToString();
        if (exchange == DefaultTopicExchange)
            return Escape(text.Append("/topic/"), routingKey).ToString();
        Escape(text.Append("/exchange/"), exchange);
        return routingKey.Length == 0 ? text.ToString() : Escape(text.Append('/'), routingKey).ToString();
    }

    private static string Single(string type, string[] rest) => rest is [{ Length: > 0 } name] ? Unescape(name) : throw Invalid(type, rest);

    private static StompErrorException Invalid(string type, string[] rest) =>
        new(StompErrors.InvalidDestination(rest.Length == 0 ? "" : $"/{string.Join('/', rest)}", type));

    private static string Unescape(string part) => part.Replace("%2F", "/", StringComparison.Ordinal);

    private static StringBuilder Escape(StringBuilder text, string part)
    {
        if (Ascii.IsValid(part) && !part.AsSpan().ContainsAny('/', '%') && !part.AsSpan().ContainsAnyInRange('\0', '\x1f'))
            return text.Append(part);
        foreach (var octet in Encoding.UTF8.GetBytes(part))
        {
            if (octet is (byte)'/' or (byte)'%' or < 32 or > 127)
                text.Append(CultureInfo.InvariantCulture, $"%{octet:X2}");
            else
                text.Append((char)octet);
        }
        return text;
    }
}
