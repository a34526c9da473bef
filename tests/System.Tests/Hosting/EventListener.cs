using System.Text.Json;
using NotifyOrleans.Testing;
using RabbitMQ.Client;

namespace NotifyOrleans.System.Tests.Hosting;

/// <summary>A service that takes all that is told about users.</summary>
public sealed class EventListener : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly string _queue;
    private readonly List<Event> _events = [];

    private EventListener(IConnection connection, IChannel channel, string queue) => (_connection, _channel, _queue) = (connection, channel, queue);

    public IReadOnlyList<Event> Events => _events;

    public static async Task<EventListener> ConnectAsync(Uri broker, params string[] exchanges)
    {
        var connection = await new ConnectionFactory { Uri = broker, ClientProvidedName = "events" }.CreateConnectionAsync();
        var channel = await connection.CreateChannelAsync();
        var queue = (await channel.QueueDeclareAsync()).QueueName;
        foreach (var exchange in exchanges)
        {
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true);
            await channel.QueueBindAsync(queue, exchange, "#");
        }
        return new EventListener(connection, channel, queue);
    }

    /// <summary>Takes events until so many with this key are here.</summary>
    public Task WaitForAsync(string key, int count) =>
        Wait.Until(
            async () =>
            {
                while (await _channel.BasicGetAsync(_queue, autoAck: true) is { } message)
                    _events.Add(
                        new Event(
                            message.Exchange,
                            message.RoutingKey,
                            message.BasicProperties.MessageId,
                            JsonSerializer.Deserialize<JsonElement>(message.Body.Span)
                        )
                    );
                return _events.Count(each => each.Key == key) >= count;
            },
            () => $"{count} events {key}; there are {string.Join(", ", _events.Select(each => $"{each.Key} {each.Body}"))}",
            TimeSpan.FromSeconds(60)
        );

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    public sealed record Event(string Exchange, string Key, string? MessageId, JsonElement Body);
}
