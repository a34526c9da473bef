using System.Text;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Tests.Ingress;

/// <summary>Publishes as a microservice does, with confirms.</summary>
internal sealed class Publisher : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly CancellationTokenSource _lost = new();

    private Publisher(IConnection connection, IChannel channel)
    {
        (_connection, Channel) = (connection, channel);
        // The client waits for a place in its line to a socket that nobody writes to any more (rabbitmq-dotnet-client, issue 1930).
        channel.ChannelShutdownAsync += (_, _) => _lost.CancelAsync();
    }

    public IChannel Channel { get; }

    public static async Task<Publisher> ConnectAsync(Uri broker)
    {
        var connection = await new ConnectionFactory
        {
            Uri = broker,
            ClientProvidedName = "publisher",
            AutomaticRecoveryEnabled = false,
        }.CreateConnectionAsync();
        return new Publisher(connection, await connection.CreateChannelAsync(new CreateChannelOptions(true, true)));
    }

    public ValueTask PublishAsync(string key, string body, string exchange = "notifications", Dictionary<string, object?>? headers = null) =>
        Channel.BasicPublishAsync(
            exchange,
            key,
            mandatory: false,
            new BasicProperties { DeliveryMode = DeliveryModes.Persistent, Headers = headers },
            Encoding.UTF8.GetBytes(body),
            _lost.Token
        );

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
