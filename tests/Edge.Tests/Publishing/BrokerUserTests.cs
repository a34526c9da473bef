using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Tests.Publishing;

/// <summary>An edge whose user at the broker has the rights that are documented, and no more.</summary>
public sealed class BrokerUserTests(RabbitMqBroker broker) : EdgeAtBroker(broker)
{
    private Uri _address = null!;

    protected override IEnumerable<(string Name, string Value)> Settings => [("ConnectionStrings__RabbitMq", _address.ToString())];

    protected override async Task PrepareAsync()
    {
        _address = await Broker.CreateDocumentedUserAsync(Vhost, source: "notifications");
        await Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic, durable: true);
        await Channel.QueueBindAsync(Got, "notifications", "#");
    }

    [Fact]
    public async Task Send_ToASource_ReachesIt()
    {
        await using var client = await WireClient.ConnectAsync(Edge.StompAddress, "alice");

        await client.AskAsync("SEND\ndestination:/exchange/notifications/user.bob", "hi");

        var got = await GetAsync();
        Assert.Equal(("user.bob", "hi"), (got.RoutingKey, Text(got)));
    }
}
