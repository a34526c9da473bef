using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Edge.Tests.Hosting;

/// <summary>Tests that share one broker; each takes a vhost of its own.</summary>
[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<RabbitMqBroker>
{
    public const string Name = "broker";
}
