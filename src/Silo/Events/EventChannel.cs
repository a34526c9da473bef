using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Hosting.Broker;
using NotifyOrleans.Silo.Broker;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using RabbitMQ.Client;

namespace NotifyOrleans.Silo.Events;

/// <summary>Publishes events, on a connection of its own that is opened when it is needed, to exchanges that it makes where they are missing.</summary>
internal sealed partial class EventChannel : IAsyncDisposable
{
    /// <summary>Until the exchanges are there; above what it takes to open a connection.</summary>
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a fault is shown behind the last attempt: what is still to be told is tried again some times within it, and when nothing is, nobody would learn
    /// that it is mended.
    /// </summary>
    private static readonly TimeSpan FaultTime = TimeSpan.FromMinutes(1);

    private readonly TimeProvider _time;
    private readonly BrokerConnection _connection;
    private readonly ConfirmedChannel _channel;
    private readonly string[] _exchanges;
    private readonly ILogger _logger;
    private readonly SemaphoreSlim _declaring = new(1, 1);
    private volatile bool _isDeclared;
    private volatile EventFault? _fault;

    public EventChannel(
        BrokerAddress broker,
        IOptions<EventsOptions> options,
        TimeProvider time,
        ILogger<BrokerConnection> connectionLogger,
        ILogger<EventChannel> logger
    )
    {
        _connection = new BrokerConnection(BrokerConnections.FactoryOf(broker), BrokerConnections.NameOf("events"), time, connectionLogger);
        _channel = new ConfirmedChannel(_connection);
        _exchanges = [.. ExchangesOf(options.Value).Distinct()];
        (_time, _logger) = (time, logger);
    }

    /// <summary>Whether anything is to be told.</summary>
    public bool IsUsed => _exchanges.Length > 0;

    /// <summary>Why events cannot be published; null when they can, as far as is known.</summary>
    public string? Fault => LastFault ?? Blocked;

    /// <summary>Why the broker takes no events for now, as during a memory alarm; null when it does.</summary>
    public string? Blocked => _connection.Blocked;

    private string? LastFault => _fault is { } fault && _time.GetElapsedTime(fault.At) < FaultTime ? fault.Reason : null;

    /// <summary>Publishes events in their order; completes when the broker has taken all of them. With none it only makes the exchanges.</summary>
    /// <param name="messages">The events.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <param name="taken">Gets those that the broker has taken, also when it has not taken others.</param>
    /// <exception cref="Exception">It has not taken all of them, or that is not known: repeat the others.</exception>
    public async Task PublishAsync(IReadOnlyList<EventMessage> messages, CancellationToken cancellationToken, ICollection<EventMessage>? taken = null)
    {
        try
        {
            await DeclareAsync(cancellationToken);
            var publishing = messages
                .Select(message => _channel.PublishAsync(message.Exchange, message.Key, message.Properties, message.Body, cancellationToken))
                .ToArray();
            try
            {
                await Task.WhenAll(publishing);
            }
            finally
            {
                foreach (var (message, _) in messages.Zip(publishing).Where(each => each.Second.IsCompletedSuccessfully))
                    taken?.Add(message);
            }
            if (LastFault is not null)
                LogRecovered();
            _fault = null;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Somebody may have deleted one.
            _isDeclared = false;
            if (LastFault is null)
                LogUnavailable(BrokerFault.Describe(exception));
            _fault = new EventFault(BrokerFault.Describe(exception), _time.GetTimestamp());
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private async Task DeclareAsync(CancellationToken cancellationToken)
    {
        if (_isDeclared)
            return;
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            await _declaring.WaitAsync(timeout.Token);
            try
            {
                if (!_isDeclared)
                    await DeclareAsync(await _connection.GetAsync(timeout.Token), timeout.Token);
                _isDeclared = true;
            }
            finally
            {
                _declaring.Release();
            }
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new TimeoutException(_connection.Fault ?? $"the broker has not answered within {Timeout.TotalSeconds} s");
        }
    }

    private async Task DeclareAsync(IConnection connection, CancellationToken cancellationToken)
    {
        // A channel of its own: a refusal closes it.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        foreach (var exchange in _exchanges)
            await channel.ExchangeDeclareAsync(exchange, ExchangeType.Topic, durable: true, autoDelete: false, cancellationToken: cancellationToken);
    }

    private static IEnumerable<string> ExchangesOf(EventsOptions options)
    {
        if (options.Undelivered.After is not null)
            yield return options.Undelivered.Exchange;
        if (options.Presence.Enabled)
            yield return options.Presence.Exchange;
    }
}
