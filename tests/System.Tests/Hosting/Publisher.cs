using System.Text;
using RabbitMQ.Client;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>A microservice: publishes to <c>notifications</c> as any AMQP client does, and waits for the broker's confirms.</summary>
public sealed class Publisher : IAsyncDisposable
{
    public const string Exchange = "notifications";

    private readonly IConnection _connection;
    private readonly IChannel _channel;

    private Publisher(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<Publisher> ConnectAsync(Uri broker, string name = "publisher")
    {
        var factory = new ConnectionFactory { Uri = broker, ClientProvidedName = name };
        var connection = await factory.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true)
        );
        return new Publisher(connection, channel);
    }

    /// <summary>Publishes one message; completes with the broker's confirm.</summary>
    public ValueTask PublishAsync(
        string key,
        string body,
        bool persistent = true,
        string? messageId = null,
        IDictionary<string, object?>? headers = null,
        string exchange = Exchange
    )
    {
        var properties = new BasicProperties { DeliveryMode = persistent ? DeliveryModes.Persistent : DeliveryModes.Transient, Headers = headers };
        if (messageId is not null)
            properties.MessageId = messageId;
        return _channel.BasicPublishAsync(exchange, key, mandatory: false, properties, Encoding.UTF8.GetBytes(body));
    }

    /// <summary>Makes the exchange, as a service does that does not count on others to.</summary>
    public Task DeclareAsync() => _channel.ExchangeDeclareAsync(Exchange, ExchangeType.Topic, durable: true);

    /// <summary>How many messages wait in a queue, without those that a consumer has and has not acknowledged.</summary>
    public Task<uint> CountWaitingAsync(string queue) => _channel.MessageCountAsync(queue);

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
