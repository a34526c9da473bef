using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>A notification that goes to one subscription or many: encoded when the first is written, and once for all of them.</summary>
/// <param name="notification">The notification.</param>
/// <param name="isShared">Whether many subscriptions get it.</param>
/// <param name="isRetained">Whether it was published before the subscription began, and says so.</param>
internal sealed class OutgoingMessage(Notification notification, bool isShared = false, bool isRetained = false)
{
    private EncodedMessage? _version10;
    private EncodedMessage? _version11;

    public Notification Notification => notification;

    /// <summary>Whether many subscriptions get it.</summary>
    public bool IsShared => isShared;

    /// <summary>Bytes that it counts for in windows and queues.</summary>
    public int Size => notification.Size;

    /// <summary>Its encoding. Two threads may encode it both; that is no harm.</summary>
    public EncodedMessage Encode(StompVersion version)
    {
        ref var encoded = ref version == StompVersion.V10 ? ref _version10 : ref _version11;
        return encoded ??= new EncodedMessage(
            StompMessage.Encode(version, Destination.Format(notification.Exchange, notification.RoutingKey), Headers(), notification.Body),
            isShared
        );
    }

    /// <summary>The publisher's headers, without those by which we say something: nobody else can say it in our name.</summary>
    private StompHeader[] Headers()
    {
        var headers = new StompHeader[notification.Headers.Length + 1];
        var count = 0;
        if (isRetained)
            headers[count++] = new StompHeader(StompHeaderNames.Retained, "true");
        foreach (var header in notification.Headers)
        {
            if (!IsOurs(header.Name))
                headers[count++] = new StompHeader(header.Name, header.Value);
        }
        return headers[..count];
    }

    /// <summary>
    /// Also those that the reference lets through where it says nothing itself: without an id there is no <c>subscription</c> but the publisher's, with
    /// <c>ack:auto</c> no <c>ack</c>.
    /// </summary>
    private static bool IsOurs(string name) =>
        name
            is StompHeaderNames.Subscription
                or StompHeaderNames.Destination
                or StompHeaderNames.MessageId
                or StompHeaderNames.Redelivered
                or StompHeaderNames.Ack
                or StompHeaderNames.Offset
                or StompHeaderNames.Dropped
                or StompHeaderNames.Retained;
}
