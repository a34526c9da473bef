using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Reads a delivery and says where it goes. It never throws: what it cannot read is a dead letter.</summary>
public interface IDeliveryRouter
{
    Route Route(RabbitMqDelivery delivery);

    /// <summary>Users whom the recipients header has named, with the keys that their subscriptions are matched against.</summary>
    IReadOnlyCollection<Recipient> RecipientsOf(string exchange, string[] users);
}
