using System.Globalization;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Grains.Interfaces.Queues;
using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Queues;

/// <summary>The headers by which SUBSCRIBE and SEND say how a queue is to be, with the reference's defaults.</summary>
internal static class QueueHeaders
{
    private static readonly string[] TextArguments = [StompHeaderNames.DeadLetterExchange, StompHeaderNames.DeadLetterRoutingKey, StompHeaderNames.QueueType];

    private static readonly string[] NumberArguments =
    [
        StompHeaderNames.Expires,
        StompHeaderNames.MaxLength,
        StompHeaderNames.MaxLengthBytes,
        StompHeaderNames.MaxPriority,
        StompHeaderNames.MessageTtl,
    ];

    /// <summary>
    /// The queue of <c>/queue/NAME</c>: durable, unless the headers say otherwise; one that is not is exclusive and ends with its last consumer, unless they
    /// say otherwise.
    /// </summary>
    /// <exception cref="StompErrorException">A value that cannot be.</exception>
    public static QueueDeclaration OfQueue(StompFrame frame)
    {
        // On a SEND the other header is the message's.
        var isDurable = Flag(frame, StompHeaderNames.Durable)
            ?? (frame.Command == StompCommands.Subscribe ? Flag(frame, StompHeaderNames.Persistent) : null)
            ?? true;
        return new QueueDeclaration(
            isDurable,
            Flag(frame, StompHeaderNames.Exclusive) ?? !isDurable,
            Flag(frame, StompHeaderNames.AutoDelete) ?? !isDurable,
            ArgumentsOf(frame)
        );
    }

    /// <summary>The queue of a subscription to an exchange: it ends with the subscription, unless the headers say otherwise.</summary>
    /// <exception cref="StompErrorException">A value that cannot be.</exception>
    public static QueueDeclaration OfSubscription(StompFrame frame)
    {
        var isDurable = Flag(frame, StompHeaderNames.Durable) ?? Flag(frame, StompHeaderNames.Persistent) ?? false;
        return new QueueDeclaration(
            isDurable,
            Flag(frame, StompHeaderNames.Exclusive) ?? false,
            Flag(frame, StompHeaderNames.AutoDelete) ?? true,
            ArgumentsOf(frame)
        );
    }

    /// <summary>The arguments of the consumer.</summary>
    /// <exception cref="StompErrorException">A value that cannot be.</exception>
    public static QueueArgument[] OfConsumer(StompFrame frame)
    {
        List<QueueArgument> arguments = [];
        if (frame[StompHeaderNames.ConsumerPriority] is { } priority)
            arguments.Add(new QueueArgument(StompHeaderNames.ConsumerPriority, Text: null, Number(priority)));
        // first, last, next, or offset=N.
        if (frame[StompHeaderNames.StreamOffset] is { } offset)
            arguments.Add(
                offset.StartsWith("offset=", StringComparison.Ordinal)
                    ? new QueueArgument(StompHeaderNames.StreamOffset, Text: null, Number(offset["offset=".Length..]))
                    : new QueueArgument(StompHeaderNames.StreamOffset, offset, Number: 0)
            );
        return [.. arguments];
    }

    private static QueueArgument[] ArgumentsOf(StompFrame frame) =>
        [
            .. TextArguments.Where(name => frame[name] is not null).Select(name => new QueueArgument(name, frame[name], Number: 0)),
            .. NumberArguments.Where(name => frame[name] is not null).Select(name => new QueueArgument(name, Text: null, Number(frame[name]!))),
        ];

    private static bool? Flag(StompFrame frame, string name) =>
        frame[name] switch
        {
            "true" => true,
            "false" => false,
            _ => null,
        };

    private static long Number(string text) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? number
            : throw new StompErrorException(StompErrors.Processing());
}
