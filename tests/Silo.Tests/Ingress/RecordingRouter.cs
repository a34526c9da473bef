using System.Collections.Concurrent;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>Stands where deliveries are routed: keeps each, and has it settled at once (as a topic nobody has subscribed to) or held back.</summary>
internal sealed class RecordingRouter(IDeliveryRouter real) : IDeliveryRouter
{
    /// <summary>Where they are kept; may be shared by silos.</summary>
    public ConcurrentQueue<RabbitMqDelivery> Log { get; set; } = new();

    public IReadOnlyList<RabbitMqDelivery> Deliveries => [.. Log];

    /// <summary>Whether deliveries stay unsettled.</summary>
    public bool HoldsBack { get; set; }

    /// <summary>Whether the real router decides.</summary>
    public bool IsReal { get; set; }

    public IReadOnlyCollection<Recipient> RecipientsOf(string exchange, string[] users) => real.RecipientsOf(exchange, users);

    public Route Route(RabbitMqDelivery delivery)
    {
        Log.Enqueue(delivery);
        if (IsReal)
            return real.Route(delivery);
        // Dead letters are unsettled until they are published, which HeldDeadLetters never does.
        return HoldsBack
            ? new Route.ToDeadLetters(HeldDeadLetters.Reason)
            : new Route.ToTopic(new Notification { Exchange = delivery.Exchange, RoutingKey = delivery.RoutingKey });
    }
}
