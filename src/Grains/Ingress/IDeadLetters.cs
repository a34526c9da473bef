using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Where messages go that nobody can be given. Each call completes when the broker has confirmed it, and throws when it does not.</summary>
public interface IDeadLetters
{
    /// <summary>A delivery that cannot be read or routed, as it came.</summary>
    /// <param name="delivery">The delivery.</param>
    /// <param name="reason">One of <see cref="DeadLetterReasons"/>; becomes a header.</param>
    /// <param name="cancellationToken">Ends the wait for the broker.</param>
    Task PublishAsync(RabbitMqDelivery delivery, string reason, CancellationToken cancellationToken);

    /// <summary>A message that its user's client has rejected.</summary>
    /// <param name="notification">The message.</param>
    /// <param name="recipient">The user, with the key that his subscriptions were matched against: the message's own, when it was that which addressed
    /// him.</param>
    /// <param name="reason">One of <see cref="DeadLetterReasons"/>; becomes a header.</param>
    /// <param name="cancellationToken">Ends the wait for the broker.</param>
    Task PublishAsync(Notification notification, Recipient recipient, string reason, CancellationToken cancellationToken);
}
