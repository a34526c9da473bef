using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Silo.Broker;
using NotifyOrleans.Silo.DeadLetters;
using NotifyOrleans.Silo.Tests.Ingress;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.DeadLetters;

/// <summary>The way back for dead letters, with a broker that has no memory left for a while.</summary>
[Collection(BrokerCollection.Name)]
public sealed class DeadLetterQueueTests(RabbitMqBroker broker)
{
    [Fact]
    public async Task Redrive_WhoeverAskedGoesMeanwhile_TakesTheDeadLetterThatIsUnderWay()
    {
        var address = await broker.CreateVhostAsync();
        await using var publisher = await Publisher.ConnectAsync(address);
        await publisher.Channel.ExchangeDeclareAsync("notifications", ExchangeType.Topic);
        await publisher.Channel.QueueDeclareAsync("back", exclusive: false);
        await publisher.Channel.QueueBindAsync("back", "notifications", "#");
        await DeadLetterExchange.DeclareAsync(publisher.Channel, CancellationToken.None);
        await publisher.PublishAsync(
            "user.alice",
            "x",
            DeadLetterExchange.Name,
            new Dictionary<string, object?> { [DeadLetterHeaders.Source] = "notifications" }
        );
        var configuration = new ConfigurationBuilder().AddInMemoryCollection([new("ConnectionStrings:RabbitMq", address.AbsoluteUri)]).Build();
        await using var connections = new BrokerConnections(new BrokerAddress(configuration), TimeProvider.System, NullLogger<BrokerConnection>.Instance);
        await using var queue = new DeadLetterQueue(connections, NullLogger<DeadLetterQueue>.Instance);
        using var asking = new CancellationTokenSource();

        await broker.ControlAsync("set_vm_memory_high_watermark", "0.00001");
        Task redriving;
        try
        {
            redriving = queue.RedriveAsync(new DeadLetterSelection(null, null, null, null), limit: 10, asking.Token);
            await Wait.Until(() => connections.DeadLetters.Blocked is not null, "the message to be under way, and the broker not to take it");
            await asking.CancelAsync();
        }
        finally
        {
            await broker.ControlAsync("set_vm_memory_high_watermark", "0.6");
        }
        await Record.ExceptionAsync(() => redriving);

        await Wait.Until(async () => await publisher.Channel.MessageCountAsync("back") == 1, "the message to be back");
        Assert.Equal(0u, await publisher.Channel.MessageCountAsync(DeadLetterExchange.Name));
    }
}
