using Microsoft.Extensions.Options;
using NotifyOrleans.Edge.Commands;

namespace NotifyOrleans.Edge.Publishing;

/// <summary>Publishes what clients send, on a channel for each exchange.</summary>
internal sealed class Publisher(
    BrokerConnection broker,
    IOptions<PublishingOptions> options,
    PublishingMetrics metrics,
    TimeProvider time,
    IHostApplicationLifetime lifetime,
    ILogger<Publisher> logger
)
{
    private readonly Lock _gate = new();
    private readonly Dictionary<string, ExchangePublisher> _publishers = [];

    // Those that had to make room, and have still something in line: whoever follows goes on behind them.
    private readonly Dictionary<string, Task> _leaving = [];

    /// <summary>Returns when AMQP can carry the message.</summary>
    /// <exception cref="StompErrorException">It cannot.</exception>
    public void RequireFits(Publication publication)
    {
        if (publication.FindFault(broker.MaxFrameBytes) is { } fault)
            throw new StompErrorException(fault);
    }

    /// <summary>Puts a message in line for its exchange. Messages of one session to one exchange are published in the order of the calls.</summary>
    /// <exception cref="StompErrorException">The line has not moved for a long time.</exception>
    public async ValueTask EnqueueAsync(Publication publication)
    {
        try
        {
            while (!await For(publication.Exchange).TryEnqueueAsync(publication, time.GetTimestamp()))
            {
                // It has ended meanwhile; the next one starts afresh.
            }
        }
        catch (OperationCanceledException)
        {
            metrics.TimedOut();
            throw new StompErrorException(StompErrors.Unavailable("The broker cannot be reached"));
        }
    }

    /// <summary>Completes with the broker's confirm.</summary>
    /// <exception cref="StompErrorException">The broker refuses the message, or does not confirm it in time: then nobody knows whether it has it.</exception>
    public async Task ConfirmAsync(Publication publication)
    {
        try
        {
            await publication.Outcome.WaitAsync(options.Value.ConfirmTimeout, time);
        }
        catch (TimeoutException)
        {
            publication.GiveUp();
            metrics.TimedOut();
            throw new StompErrorException(StompErrors.Unavailable("The broker has not confirmed the message"));
        }
    }

    private ExchangePublisher For(string exchange)
    {
        lock (_gate)
        {
            if (_publishers.TryGetValue(exchange, out var known))
                return known;
            if (_publishers.Count >= options.Value.MaxChannels && _publishers.Values.MinBy(publisher => publisher.LastUse) is { } idle)
            {
                _publishers.Remove(idle.Exchange);
                idle.Complete();
                foreach (var (name, ended) in _leaving)
                {
                    if (ended.IsCompleted)
                        _leaving.Remove(name);
                }
                _leaving[idle.Exchange] = idle.Ended;
            }
            var publisher = new ExchangePublisher(exchange, broker, options.Value, metrics, logger);
            _publishers.Add(exchange, publisher);
            _ = RunAsync(publisher, _leaving.GetValueOrDefault(exchange, Task.CompletedTask));
            return publisher;
        }
    }

    private async Task RunAsync(ExchangePublisher publisher, Task before)
    {
        await Task.Yield();
        await before;
        await publisher.RunAsync(lifetime.ApplicationStopped);
        lock (_gate)
        {
            if (_publishers.GetValueOrDefault(publisher.Exchange) == publisher)
                _publishers.Remove(publisher.Exchange);
        }
    }
}
