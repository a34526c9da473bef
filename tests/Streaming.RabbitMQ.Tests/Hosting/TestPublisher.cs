using System.Text;
using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Tests.Hosting;

/// <summary>Declares queues and publishes to them, with confirms.</summary>
public sealed class TestPublisher : IAsyncDisposable
{
    private readonly IConnection _connection;

    private readonly IChannel _plain;

    private TestPublisher(IConnection connection, IChannel channel, IChannel plain) => (_connection, Channel, _plain) = (connection, channel, plain);

    public IChannel Channel { get; }

    public static async Task<TestPublisher> ConnectAsync(Uri broker)
    {
        var connection = await new ConnectionFactory { Uri = broker, ClientProvidedName = "test-publisher" }.CreateConnectionAsync();
        return new TestPublisher(connection, await connection.CreateChannelAsync(new CreateChannelOptions(true, true)), await connection.CreateChannelAsync());
    }

    public Task DeclareAsync(string queue, string type = "classic") =>
        Channel.QueueDeclareAsync(
            queue,
            durable: true,
            exclusive: false,
            autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = type, ["x-single-active-consumer"] = true }
        );

    public ValueTask PublishAsync(string queue, string body) =>
        Channel.BasicPublishAsync("", queue, mandatory: true, new BasicProperties { DeliveryMode = DeliveryModes.Persistent }, Encoding.UTF8.GetBytes(body));

    /// <summary>Without a confirm, since the client would add a header for it.</summary>
    public ValueTask PublishAsync(string queue, string body, BasicProperties properties) =>
        _plain.BasicPublishAsync("", queue, mandatory: true, properties, Encoding.UTF8.GetBytes(body));

    public async Task PublishAsync(string queue, int first, int count)
    {
        var pending = new List<Task>(count);
        for (var i = first; i < first + count; i++)
            pending.Add(PublishAsync(queue, $"{i}").AsTask());
        await Task.WhenAll(pending);
    }

    public async Task<uint> CountAsync(string queue) => await Channel.MessageCountAsync(queue);

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
