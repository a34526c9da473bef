using System.Threading.Channels;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Events;

namespace NotifyOrleans.Silo.Events;

/// <summary>Publishes events about users. Those about presence wait in a bounded queue, and go in their order.</summary>
internal sealed partial class UserEvents : BackgroundService, IUserEvents
{
    /// <summary>Some megabytes: minutes of sign-ins while the broker is away.</summary>
    private const int MaxWaiting = 10_000;

    /// <summary>How many are confirmed together: the broker writes them to disk at once.</summary>
    private const int BatchSize = 256;

    private static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    /// <summary>How long a silo that stops waits for the last ones.</summary>
    private static readonly TimeSpan GoodbyeTimeout = TimeSpan.FromSeconds(2);

    private readonly EventChannel _channel;
    private readonly EventsOptions _options;
    private readonly UserEventMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Channel<PresenceEvent> _presence;
    private int _isOverflowing;

    public UserEvents(EventChannel channel, IOptions<EventsOptions> options, UserEventMetrics metrics, TimeProvider time, ILogger<UserEvents> logger)
    {
        (_channel, _options, _metrics, _time, _logger) = (channel, options.Value, metrics, time, logger);
        // The newest of a user is what he does now.
        _presence = Channel.CreateBounded<PresenceEvent>(
            new BoundedChannelOptions(MaxWaiting) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true },
            OnDropped
        );
    }

    /// <inheritdoc/>
    /// <remarks>It is tried again and again: what is sent to a broker that takes nothing waits in the connection, each time once more.</remarks>
    public Task PublishAsync(UndeliveredEvent undelivered, CancellationToken cancellationToken) =>
        _channel.Blocked is { } reason
            ? Task.FromException(new IOException(reason))
            : _channel.PublishAsync([EventMessage.Of(undelivered, _options.Undelivered.Exchange)], cancellationToken);

    public void Publish(PresenceEvent presence)
    {
        if (_options.Presence.Enabled)
            _presence.Writer.TryWrite(presence);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!_channel.IsUsed)
            return;
        // The first batch is empty: it makes the exchanges, so that others can bind queues before anything happens.
        List<(string User, EventMessage Message)> batch = [];
        try
        {
            do
            {
                while (!await TryPublishAsync(batch, stoppingToken))
                    await Task.Delay(RetryInterval, _time, stoppingToken);
            } while (await FillAsync(batch, stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            await PublishRestAsync(batch);
        }
    }

    /// <summary>
    /// Publishes a batch, of each user one event at a time: what the broker has taken is not told again, and what it has not taken must not come behind what
    /// its user did next.
    /// </summary>
    /// <returns>False when something is left.</returns>
    private async Task<bool> TryPublishAsync(List<(string User, EventMessage Message)> batch, CancellationToken cancellationToken)
    {
        do
        {
            HashSet<EventMessage> taken = new(ReferenceEqualityComparer.Instance);
            try
            {
                await _channel.PublishAsync([.. batch.DistinctBy(each => each.User).Select(each => each.Message)], cancellationToken, taken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                // The channel has told it.
                return false;
            }
            finally
            {
                batch.RemoveAll(each => taken.Contains(each.Message));
                _metrics.PresenceTold(taken.Count);
            }
        } while (batch.Count > 0);
        return true;
    }

    /// <summary>Waits for events, and takes what is there.</summary>
    private async Task<bool> FillAsync(List<(string User, EventMessage Message)> batch, CancellationToken cancellationToken)
    {
        if (!await _presence.Reader.WaitToReadAsync(cancellationToken))
            return false;
        Take(batch, BatchSize);
        return true;
    }

    private void Take(List<(string User, EventMessage Message)> batch, int count)
    {
        while (batch.Count < count && _presence.Reader.TryRead(out var presence))
            batch.Add((presence.User, EventMessage.Of(presence, _options.Presence.Exchange)));
        if (_presence.Reader.Count < MaxWaiting / 2)
            _isOverflowing = 0;
    }

    private async Task PublishRestAsync(List<(string User, EventMessage Message)> batch)
    {
        Take(batch, MaxWaiting);
        if (batch.Count == 0)
            return;
        using var timeout = new CancellationTokenSource(GoodbyeTimeout, _time);
        try
        {
            await TryPublishAsync(batch, timeout.Token);
        }
        catch (OperationCanceledException)
        {
            // Whoever they are about is where the next silo finds them.
        }
        _metrics.PresenceDropped(batch.Count);
    }

    private void OnDropped(PresenceEvent dropped)
    {
        _metrics.PresenceDropped(1);
        if (Interlocked.Exchange(ref _isOverflowing, 1) == 0)
            LogOverflowing(MaxWaiting);
    }
}
