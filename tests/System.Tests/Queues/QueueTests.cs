using NotifyOrleans.Stomp;
using NotifyOrleans.System.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Stomp;
using RabbitMQ.Client;

namespace NotifyOrleans.System.Tests.Queues;

/// <summary>Queues of the broker, and exchanges that are no source, the whole way.</summary>
public sealed class QueueTests(RunningSystem system) : IClassFixture<RunningSystem>, IAsyncLifetime
{
    private IConnection _connection = null!;
    private IChannel _broker = null!;

    public async Task InitializeAsync()
    {
        _connection = await new ConnectionFactory { Uri = system.Broker.Uri }.CreateConnectionAsync();
        _broker = await _connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)
        );
    }

    public async Task DisposeAsync()
    {
        await _broker.DisposeAsync();
        await _connection.DisposeAsync();
    }

    [Theory]
    [InlineData("/queue/secret")]
    [InlineData("/amq/queue/notifyorleans.ingress.0")]
    [InlineData("/exchange/amq.fanout")]
    public async Task Subscribe_WithoutTheRight_IsRefused(string destination)
    {
        await using var session = await system.ConnectAsync("alice");
        await session.SendAsync(StompCommands.Subscribe, [("id", "0"), ("destination", destination), ("receipt", "r")]);

        Assert.Equal("access_refused", (await session.WaitForAsync(frame => frame.Command == StompCommands.Error, "ERROR"))["message"]);
        await Wait.Until(() => session.IsEnded, "the connection to be closed");
        Assert.DoesNotContain(await system.Broker.Management.GetQueuesAsync(), queue => queue.Name == "secret");
    }

    [Fact]
    public async Task Queue_Deleted_IsToldAndTheSessionGoesOn()
    {
        await using var session = await system.ConnectAsync("worker", "service");
        await session.SubscribeAsync("/queue/doomed", "mine");

        await _broker.QueueDeleteAsync("doomed");

        var error = await session.WaitForAsync(frame => frame.Command == StompCommands.Error, "ERROR");
        Assert.Equal(("Server cancelled subscription", "mine"), (error["message"], error["subscription"]));
        Assert.Equal("The server has canceled a subscription.\nNo more messages will be delivered for \"id='mine'\".\n", StompClient.Text(error));
        await session.SendAsync(StompCommands.Subscribe, [("id", "mine"), ("destination", "/queue/doomed"), ("receipt", "again")]);
        await session.WaitForAsync(frame => frame["receipt-id"] == "again", "the receipt of the second SUBSCRIBE");
        await _broker.BasicPublishAsync("", "doomed", "still here"u8.ToArray());
        Assert.Equal("still here", StompClient.Text(Assert.Single(await session.MessagesAsync(1))));
        await _broker.QueueDeleteAsync("doomed");
    }

    [Fact]
    public async Task DurableSubscription_OfAnotherExchange_GetsWhatCameMeanwhile_AndEndsWhenItsClientSaysSo()
    {
        const string destination = "/exchange/amq.direct/orders";
        (string, string)[] durable = [("durable", "true"), ("auto-delete", "false")];
        await using (var first = await system.ConnectAsync("keeper", "service"))
        {
            await first.SubscribeAsync(destination, "keep", more: durable);
            await first.DisconnectAsync();
        }
        // Transient, and it waits all the same: as in the reference it is the queue that is durable.
        await _broker.BasicPublishAsync("amq.direct", "orders", "meanwhile"u8.ToArray());

        await using var second = await system.ConnectAsync("keeper", "service");
        await second.SubscribeAsync(destination, "keep", more: durable);
        var message = Assert.Single(await second.MessagesAsync(1));
        Assert.Equal(("meanwhile", destination, "keep"), (StompClient.Text(message), message["destination"], message["subscription"]));
        Assert.Null(message["x-offset"]);

        await second.SendWithReceiptAsync(StompCommands.Unsubscribe, [("id", "keep"), .. durable]);
        Assert.DoesNotContain(await system.Broker.Management.GetQueuesAsync(), queue =>
            queue.Name.StartsWith("stomp-subscription-", StringComparison.Ordinal) && queue.Durable
        );
    }

    [Fact]
    public async Task Request_WithATemporaryQueue_GetsItsReplyAndNobodyElseCanReadIt()
    {
        await _broker.QueueDeclareAsync("requests", durable: true, exclusive: false, autoDelete: false);
        await using var client = await system.ConnectAsync("client", "service");
        await client.SendWithReceiptAsync(StompCommands.Send, [("destination", "/queue/requests"), ("reply-to", "/temp-queue/answers")], "how much?");

        // Any AMQP service answers.
        var request = await _broker.BasicGetAsync("requests", autoAck: true);
        await using (var other = await system.ConnectAsync("other", "service"))
        {
            await other.SendAsync(StompCommands.Subscribe, [("id", "0"), ("destination", $"/amq/queue/{request!.BasicProperties.ReplyTo}")]);
            Assert.Equal("resource_locked", (await other.WaitForAsync(frame => frame.Command == StompCommands.Error, "ERROR"))["message"]);
        }
        await _broker.BasicPublishAsync("", request.BasicProperties.ReplyTo!, "42"u8.ToArray());

        var reply = Assert.Single(await client.MessagesAsync(1));
        Assert.Equal(("42", "/temp-queue/answers"), (StompClient.Text(reply), reply["subscription"]));
        await _broker.QueueDeleteAsync("requests");
    }

    [Fact]
    public async Task Broker_ConnectionOfQueuesIsClosed_SubscriptionsGoOn()
    {
        await using var session = await system.ConnectAsync("steady", "service");
        await session.SubscribeAsync("/queue/steady", ack: "client-individual");
        await _broker.BasicPublishAsync("", "steady", "1"u8.ToArray());
        await session.MessagesAsync(1);

        await system.Broker.Management.CloseConnectionsAsync(" queues ");

        var again = (await session.MessagesAsync(2))[1];
        Assert.Equal(("1", "true"), (StompClient.Text(again), again["redelivered"]));
        await session.AckAsync(again);
        await _broker.BasicPublishAsync("", "steady", "2"u8.ToArray());
        Assert.Equal("2", StompClient.Text((await session.MessagesAsync(3))[2]));
        await _broker.QueueDeleteAsync("steady");
    }
}
