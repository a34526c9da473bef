using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>The tests that share one broker, each in a vhost of its own.</summary>
[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<RabbitMqBroker>
{
    public const string Name = "ingress broker";
}
