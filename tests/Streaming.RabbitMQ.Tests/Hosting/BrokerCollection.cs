using NotifyOrleans.Testing.RabbitMq;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;

/// <summary>The tests that share one broker, each in a vhost of its own; those that stop a broker have one to themselves.</summary>
[CollectionDefinition(Name)]
public sealed class BrokerCollection : ICollectionFixture<RabbitMqBroker>
{
    public const string Name = "broker";
}
