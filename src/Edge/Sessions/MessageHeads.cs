using System.Buffers;
using System.Globalization;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>What of a MESSAGE is its subscription's own, which comes first.</summary>
internal static class MessageHeads
{
    /// <summary>Writes one.</summary>
    /// <param name="session">The session.</param>
    /// <param name="message">One of its messages.</param>
    /// <param name="number">The number that the session has given to it.</param>
    /// <param name="output">Where it is written.</param>
    /// <returns>What follows, shared with others.</returns>
    public static EncodedMessage Write(Session session, in SubscribedMessage message, long number, IBufferWriter<byte> output)
    {
        var encoded = message.Message.Encode(session.Version);
        var id = message.Subscription.Id;
        Span<char> messageId = stackalloc char[160];
        Span<char> offset = stackalloc char[41];
        var offsetLength = 0;
        if (message.Subscription.ShowsPlace)
            offset.TryWrite(CultureInfo.InvariantCulture, $"{message.Place.Epoch}-{message.Place.Number}", out offsetLength);
        encoded.Message.WriteHead(
            output,
            new StompMessageHead
            {
                Subscription = id.Header,
                MessageId = MessageIds.Of(id, session.Id, number, messageId),
                Redelivered = message.Redelivered,
                Ack = message.Subscription.AckMode != AckMode.Auto && session.Version == StompVersion.V12,
                Offset = offset[..offsetLength],
                Dropped = message.Dropped,
            }
        );
        return encoded;
    }
}
