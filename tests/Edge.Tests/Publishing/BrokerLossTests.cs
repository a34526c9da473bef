using System.Text;
using NotifyOrleans.Edge.Tests.Clients;
using NotifyOrleans.Edge.Tests.Hosting;
using NotifyOrleans.Edge.Tests.Silos;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.Network;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Edge.Tests.Publishing;

/// <summary>A broker that is not there at the start, comes, and goes; and one behind a network that takes a connection and says nothing.</summary>
public sealed class BrokerLossTests
{
    [Fact]
    public async Task Send_WaitsForTheBrokerAndIsToldWhenItDoesNotCome()
    {
        await using var broker = RabbitMqBroker.NotStarted();
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort, broker.Uri, settings: [("Publishing__ConfirmTimeout", "00:00:02")]);
        await edge.WaitForLinkAsync();
        await edge.WaitForCheckAsync("broker", "no connection");
        await using (var early = await WireClient.ConnectAsync(edge.StompAddress, "alice"))
        {
            await early.SubscribeAsync("/exchange/notifications/user.alice.#");
            await early.SendAsync("SEND\ndestination:/topic/check.a\nreceipt:r\n\nx\0");
            var error = await early.ErrorAsync("Service unavailable");
            Assert.Equal("r", error["receipt-id"]);
            await early.ClosedAsync(1013);
        }
        await broker.StartAsync();
        await edge.WaitForCheckAsync("broker", "ok");
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.AskAsync("SEND\ndestination:/topic/check.a", "x");
        await broker.KillAsync();
        await edge.WaitForCheckAsync("broker", "no connection");
        await client.SendAsync("SEND\ndestination:/topic/check.a\n\nx\0");
        await client.ErrorAsync("Service unavailable");
    }

    [Fact]
    public async Task Headers_ThatTheBrokerCannotTakeWhenItComes_AreRefusedAlone()
    {
        await using var broker = RabbitMqBroker.NotStarted(options => options.ExtraConfig.Add("frame_max = 8192"));
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort, broker.Uri, settings: [("Publishing__ConfirmTimeout", "00:02:00")]);
        await edge.WaitForLinkAsync();
        await using var large = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await using var small = await WireClient.ConnectAsync(edge.StompAddress, "bob");
        await large.SendAsync($"SEND\ndestination:/topic/check.a\nx-large:{new string('x', 8192)}\n\nx\0");
        await small.SendAsync("SEND\ndestination:/topic/check.a\nreceipt:r\n\nx\0");

        await broker.StartAsync();

        Assert.Equal("The broker takes headers of at most 8192 bytes in all\n", (await large.ErrorAsync("Limit exceeded")).Body);
        await small.FrameAsync("RECEIPT");
        Assert.DoesNotContain("lost", edge.Process.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sends_ToMoreExchangesThanHaveChannels_KeepTheirOrder()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using (var declaring = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync())
        {
            await using var channel = await declaring.CreateChannelAsync();
            await channel.QueueDeclareAsync("got", durable: true, exclusive: false, autoDelete: false);
            await channel.QueueBindAsync("got", "amq.topic", "check.#");
        }
        await broker.StopAsync();
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(
            silo.GatewayPort,
            broker.Uri,
            settings: [("Publishing__ConfirmTimeout", "00:02:00"), ("Publishing__MaxChannels", "1")]
        );
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SendAsync(string.Concat(Enumerable.Range(0, 100).Select(i => Send("/topic/check.a", i))));
        await client.SendAsync(Send("/exchange/amq.fanout/check.a", 0));
        await client.SendAsync(string.Concat(Enumerable.Range(100, 100).Select(i => Send("/topic/check.a", i))));

        await broker.StartAsync();

        for (var i = 0; i < 201; i++)
            await client.FrameAsync("RECEIPT");
        await using var reading = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var reader = await reading.CreateChannelAsync();
        for (var i = 0; i < 200; i++)
            Assert.Equal($"{i}", Encoding.UTF8.GetString((await reader.BasicGetAsync("got", autoAck: true))!.Body.Span));

        static string Send(string destination, int number) => $"SEND\ndestination:{destination}\nreceipt:r\n\n{number}\0";
    }

    [Fact]
    public async Task Sends_OfMoreBytesThanMayBeUnconfirmed_WaitUnreadForTheConfirms()
    {
        await using var broker = RabbitMqBroker.NotStarted();
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(
            silo.GatewayPort,
            broker.Uri,
            settings: [("Publishing__ConfirmTimeout", "00:02:00"), ("Stomp__MaxUnconfirmedBytes", "100000")]
        );
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.SendAsync(Send("s0", 60_000));
        // Below the bound the next frame is read, and has no confirm to wait for.
        await client.AskAsync("BEGIN\ntransaction:a");
        await client.SendAsync($"{Send("s1", 60_000)}BEGIN\ntransaction:b\nreceipt:begin\n\n\0{Send("s2", 200_000)}{Send("s3", 60_000)}");

        await broker.StartAsync();

        Assert.NotEqual("begin", await ReceiptAsync());
        var others = new List<string>();
        for (var i = 0; i < 4; i++)
            others.Add(await ReceiptAsync());
        Assert.Contains("begin", others);
        Assert.Equal("s3", others[^1]);

        static string Send(string receipt, int bytes) => $"SEND\ndestination:/topic/check.a\nreceipt:{receipt}\n\n{new string('x', bytes)}\0";

        async Task<string> ReceiptAsync() => (await client.FrameAsync("RECEIPT"))["receipt-id"]!;
    }

    [Fact]
    public async Task Network_TakesAConnectionAndSaysNothing_IsGivenUpAndTheNextIsUsed()
    {
        await using var broker = await RabbitMqBroker.StartNewAsync();
        await using var network = new FaultProxy(broker.AmqpPort);
        network.Swallow();
        await using var silo = await ScriptedSilo.StartNewAsync();
        await using var edge = await EdgeProcess.StartAsync(silo.GatewayPort, new UriBuilder(broker.Uri) { Port = network.Port }.Uri);
        await Wait.Until(() => network.Connections.Count == 1, "the edge to connect");

        // What was swallowed stays so: the broker never hears of the connection that is there.
        network.Heal();

        await edge.WaitForCheckAsync("broker", "ok");
        await edge.WaitForLinkAsync();
        await using var client = await WireClient.ConnectAsync(edge.StompAddress, "alice");
        await client.AskAsync("SEND\ndestination:/topic/check.a", "x");
    }
}
