using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>Publishes dead letters, but for those of one reason, which it keeps waiting.</summary>
internal sealed class HeldDeadLetters(IDeadLetters real) : IDeadLetters
{
    public const string Reason = "held back by the test";

    public Task PublishAsync(RabbitMqDelivery delivery, string reason, CancellationToken cancellationToken) =>
        reason == Reason ? Task.Delay(Timeout.Infinite, cancellationToken) : real.PublishAsync(delivery, reason, cancellationToken);

    public Task PublishAsync(Notification notification, Recipient recipient, string reason, CancellationToken cancellationToken) =>
        real.PublishAsync(notification, recipient, reason, cancellationToken);
}
