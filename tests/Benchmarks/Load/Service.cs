using System.Diagnostics;
using RabbitMQ.Client;

namespace NotifyOrleans.Benchmarks.Load;

/// <summary>Publishes persistent messages to users at random, with the broker's confirms on.</summary>
internal sealed class Service : IAsyncDisposable
{
    private readonly IConnection _connection;
    private readonly IChannel _channel;
    private readonly MeasuredSystem _system;
    private readonly Arrivals _arrivals;
    private readonly LoadOptions _options;
    private readonly Random _random = new(1);
    private readonly long[] _numbers;
    private int _confirmed;

    private Service(IConnection connection, IChannel channel, MeasuredSystem system, Arrivals arrivals, LoadOptions options)
    {
        (_connection, _channel, _system, _arrivals, _options) = (connection, channel, system, arrivals, options);
        _numbers = new long[options.Sessions];
        _channel.BasicAcksAsync += (_, acks) =>
        {
            Volatile.Write(ref _confirmed, Math.Max(_confirmed, (int)acks.DeliveryTag));
            return Task.CompletedTask;
        };
    }

    /// <summary>Messages published so far.</summary>
    public int Published { get; private set; }

    /// <summary>The newest message that the broker has confirmed: it lets services wait that publish more than it takes.</summary>
    public int Confirmed => Volatile.Read(ref _confirmed);

    public static async Task<Service> ConnectAsync(Uri broker, MeasuredSystem system, Arrivals arrivals, LoadOptions options)
    {
        var connection = await new ConnectionFactory { Uri = broker }.CreateConnectionAsync();
        // The broker confirms; whoever counts what arrives need not look at it.
        var channel = await connection.CreateChannelAsync(
            new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false)
        );
        return new Service(connection, channel, system, arrivals, options);
    }

    /// <summary>As fast as they are delivered.</summary>
    public async Task PublishAsync(int messages)
    {
        for (var count = 0; count < messages; count++)
        {
            while (Published - _arrivals.Count >= _options.MaxInFlight)
                await Task.Delay(1);
            await PublishAsync(_random.Next(_options.Sessions), Stopwatch.GetTimestamp());
        }
    }

    /// <summary>At a rate, whether they are delivered or not; late ones count from when they were due.</summary>
    public async Task PublishAsync(int rate, TimeSpan time)
    {
        var started = Stopwatch.GetTimestamp();
        var messages = (int)(rate * time.TotalSeconds);
        for (var count = 0; count < messages; count++)
        {
            var due = started + (long)(count * (double)Stopwatch.Frequency / rate);
            while (Stopwatch.GetTimestamp() < due)
                await Task.Delay(1);
            await PublishAsync(_random.Next(_options.Sessions), due);
        }
    }

    /// <summary>So many to every user.</summary>
    public async Task PublishToAllAsync(int each)
    {
        for (var count = 0; count < each; count++)
        {
            for (var user = 0; user < _options.Sessions; user++)
                await PublishAsync(user, Stopwatch.GetTimestamp());
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task PublishAsync(int user, long dueAt)
    {
        var (exchange, key) = _system.RouteTo(LoadSession.NameOf(user));
        var properties = new BasicProperties { DeliveryMode = DeliveryModes.Persistent };
        await _channel.BasicPublishAsync(exchange, key, mandatory: false, properties, Arrivals.Body(++_numbers[user], dueAt, _options.BodyBytes));
        Published++;
    }
}
