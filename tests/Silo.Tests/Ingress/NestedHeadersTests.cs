using NotifyOrleans.Silo.Tests.Hosting;
using NotifyOrleans.Testing;
using NotifyOrleans.Testing.RabbitMq;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>Headers within headers, which RabbitMQ's client reads by recursion: at a process of the silo's, whose stacks are its own.</summary>
[Collection(BrokerCollection.Name)]
public sealed class NestedHeadersTests(RabbitMqBroker broker) : IDisposable
{
    // Enough for the client to write what it is to read.
    private const int PublishersStack = 1 << 30;

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    /// <summary>A frame of 1 MiB has room for so many tables (6 bytes each) or lists (5).</summary>
    [Theory]
    [InlineData(false, 174_000)]
    [InlineData(true, 209_000)]
    public async Task Message_WithHeadersAsDeepAsAFrameHasRoomFor_IsTaken(bool areLists, int depth)
    {
        var settings = SiloProcess.Settings(_folder);
        var address = await broker.CreateVhostAsync();
        settings["ConnectionStrings__RabbitMq"] = $"{address}";
        settings["Ingress__Sources__0__Exchange"] = "notifications";
        settings["Ingress__Sources__0__Declare"] = "true";
        await using var silo = SiloProcess.Start(_folder, settings);
        await silo.WaitForAnswerAsync();
        await silo.WaitForCheckAsync("ingress", check => check == "ok");
        await using var publisher = await Publisher.ConnectAsync(address);

        await PublishAsync(publisher.Channel, areLists, depth);

        await silo.Process.WaitForAsync(
            async () => await silo.MetricAsync("notifyorleans_deliveries_settled_total") == 1,
            "the message to be stored for its user"
        );
    }

    private static async Task PublishAsync(IChannel channel, bool areLists, int depth)
    {
        object? value = 1;
        for (var level = 0; level < depth; level++)
            value = areLists ? new List<object?> { value } : new Dictionary<string, object?> { [""] = value };
        var properties = new BasicProperties
        {
            DeliveryMode = DeliveryModes.Persistent,
            Headers = new Dictionary<string, object?> { ["deep"] = value },
        };
        var published = ValueTask.CompletedTask;
        var thread = new Thread(
            () => published = channel.BasicPublishAsync("notifications", "user.alice", mandatory: true, properties, new byte[] { 1 }),
            PublishersStack
        );
        thread.Start();
        thread.Join();
        await published;
    }
}
