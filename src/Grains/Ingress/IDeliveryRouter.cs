using NotifyOrleans.Streaming.RabbitMQ;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>Reads a delivery and says where it goes. It never throws: what it cannot read is a dead letter.</summary>
public interface IDeliveryRouter
{
    Route Route(RabbitMqDelivery delivery);
}
