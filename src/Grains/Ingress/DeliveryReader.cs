using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Makes a notification of a delivery, or says why there can be none.</summary>
internal sealed class DeliveryReader(DeliveryLimits limits, TimeProvider time)
{
    private const byte PersistentMode = 2;

    /// <param name="delivery">What the broker delivered.</param>
    /// <param name="notification">The message.</param>
    /// <param name="fault">One of <see cref="DeadLetterReasons"/> when it cannot be read.</param>
    public bool TryRead(RabbitMqDelivery delivery, [NotNullWhen(true)] out Notification? notification, [NotNullWhen(false)] out string? fault)
    {
        notification = null;
        if (delivery.Body.Length > limits.MaxBytes)
        {
            fault = DeadLetterReasons.TooLarge;
            return false;
        }
        if (!TryReadExpiration(delivery.Expiration, out var expiresAt))
        {
            fault = DeadLetterReasons.Malformed;
            return false;
        }
        var read = new Notification
        {
            Exchange = delivery.Exchange,
            RoutingKey = delivery.RoutingKey,
            Headers = MessageHeaders.Of(delivery),
            Body = delivery.Body,
            Persistent = delivery.DeliveryMode == PersistentMode,
            MessageId = string.IsNullOrEmpty(delivery.MessageId) || RedrivenHeader.IsOn(delivery) ? null : delivery.MessageId,
            ExpiresAt = expiresAt,
            Retain = RetainHeader.IsOn(delivery),
        };
        fault = read.Size > limits.MaxBytes ? DeadLetterReasons.TooLarge : null;
        notification = fault is null ? read : null;
        return fault is null;
    }

    /// <summary>
    /// The publisher's time-to-live counts from now: the broker has dropped what outlived it in the queue. As there, 0 means "if it can be delivered at once".
    /// </summary>
    private bool TryReadExpiration(string? expiration, out long expiresAt)
    {
        expiresAt = 0;
        if (string.IsNullOrEmpty(expiration))
            return true;
        if (!long.TryParse(expiration, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
            return false;
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        expiresAt = now + Math.Clamp(milliseconds, 1, long.MaxValue - now);
        return true;
    }
}
