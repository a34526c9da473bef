using System.Globalization;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Grains.Interfaces.Routing;
using NotifyOrleans.Stomp;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>
/// The headers of a SEND as AMQP properties, as in the reference: those that name a property become it, <c>destination</c> is where it goes,
/// all others stand in the header table as text.
/// </summary>
internal static class SendProperties
{
    /// <summary>
    /// Further routing keys, in the header table ("Sender-selected Distribution"). The broker takes them as arrays, which no header of STOMP can be, and closes
    /// the channel for a text, which many share.
    /// </summary>
    private const string Copies = "CC";

    private const string BlindCopies = "BCC";

    /// <param name="frame">The SEND.</param>
    /// <param name="user">Who sends it.</param>
    /// <exception cref="StompErrorException">A header or a value that cannot be, or another user's name.</exception>
    public static BasicProperties Of(StompFrame frame, string user)
    {
        var properties = new BasicProperties();
        foreach (var (name, value) in frame.Headers)
        {
            switch (name)
            {
                // Where it goes; and what AMQP says itself, by the body.
                case StompHeaderNames.Destination or StompHeaderNames.ContentLength:
                    break;
                case StompHeaderNames.ContentType:
                    properties.ContentType = Short(value);
                    break;
                case StompHeaderNames.ContentEncoding:
                    properties.ContentEncoding = Short(value);
                    break;
                case StompHeaderNames.Persistent:
                    if (value == "true")
                        properties.DeliveryMode = DeliveryModes.Persistent;
                    break;
                case StompHeaderNames.Priority:
                    properties.Priority = Number<byte>(value);
                    break;
                case StompHeaderNames.CorrelationId:
                    properties.CorrelationId = Short(value);
                    break;
                case StompHeaderNames.ReplyTo:
                    // One that names a temporary queue is put in when that is made.
                    properties.ReplyTo = Short(value);
                    break;
                case StompHeaderNames.Expiration:
                    properties.Expiration = Number<uint>(value).ToString(CultureInfo.InvariantCulture);
                    break;
                case StompHeaderNames.AmqpMessageId:
                    properties.MessageId = Short(value);
                    break;
                case StompHeaderNames.Timestamp:
                    properties.Timestamp = new AmqpTimestamp(Number<long>(value));
                    break;
                case StompHeaderNames.Type:
                    properties.Type = Short(value);
                    break;
                case StompHeaderNames.AppId:
                    properties.AppId = Short(value);
                    break;
                case Copies or BlindCopies:
                    throw new StompErrorException(StompErrors.HeaderNotAllowed(name, StompCommands.Send));
                default:
                    // The broker lets nobody say another's name. As a property only the edge's own would be let through.
                    if (name == StompHeaderNames.UserId && value != user)
                        throw new StompErrorException(StompErrors.ForeignUserId(value, user));
                    (properties.Headers ??= new Dictionary<string, object?>()).TryAdd(Short(name), value);
                    break;
            }
        }
        return properties;
    }

    /// <summary>Text that AMQP can carry as a short string.</summary>
    private static string Short(string value) => ShortString.IsTooLong(value) ? throw new StompErrorException(StompErrors.Processing()) : value;

    private static T Number<T>(string value)
        where T : struct, System.Numerics.INumber<T> =>
        T.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw new StompErrorException(StompErrors.Processing());
}
