using System.Text;
using RabbitMQ.Client;

namespace NotifyOrleans.Testing.RabbitMq;

/// <summary>
/// A microservice: publishes as any AMQP client does, and waits for the broker's confirms. Its connection is not made anew: what is published after its loss
/// fails.
/// </summary>
public sealed class Publisher : IAsyncDisposable
{
    /// <summary>The source of a system as it is shipped.</summary>
    public const string Exchange = "notifications";

    private readonly IConnection _connection;
    private readonly CancellationTokenSource _lost = new();

    private Publisher(IConnection connection, IChannel channel)
    {
        (_connection, Channel) = (connection, channel);
        // The client waits for a place in its line to a socket that nobody writes to any more (rabbitmq-dotnet-client, issue 1930).
        channel.ChannelShutdownAsync += (_, _) => _lost.CancelAsync();
    }

    /// <summary>For what else a test has to do at the broker.</summary>
    public IChannel Channel { get; }

    public static async Task<Publisher> ConnectAsync(Uri broker)
    {
        var factory = new ConnectionFactory
        {
            Uri = broker,
            ClientProvidedName = "publisher",
            AutomaticRecoveryEnabled = false,
        };
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
        string exchange = Exchange,
        Dictionary<string, object?>? headers = null,
        bool persistent = true,
        string? messageId = null
    )
    {
        var properties = new BasicProperties { DeliveryMode = persistent ? DeliveryModes.Persistent : DeliveryModes.Transient, Headers = headers };
        if (messageId is not null)
            properties.MessageId = messageId;
        return Channel.BasicPublishAsync(exchange, key, mandatory: false, properties, Encoding.UTF8.GetBytes(body), _lost.Token);
    }

    /// <summary>To each of some users, so many messages; each has the number it has for its user as its body.</summary>
    public async Task PublishAsync(int users, int first, int count)
    {
        var pending = new List<Task>();
        for (var number = first; number < first + count; number++)
        {
            for (var user = 0; user < users; user++)
                pending.Add(PublishAsync($"user.{user}", $"{number}").AsTask());
        }
        await Task.WhenAll(pending);
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await _connection.DisposeAsync();
        _lost.Dispose();
    }
}
