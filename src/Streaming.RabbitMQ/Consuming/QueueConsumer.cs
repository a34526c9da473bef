using Microsoft.Extensions.Logging;
using NotifyOrleans.Streaming.RabbitMQ.Connections;
using NotifyOrleans.Streaming.RabbitMQ.Health;
using Orleans.Streams;
using RabbitMQ.Client;

namespace NotifyOrleans.Streaming.RabbitMQ.Consuming;

/// <summary>
/// Keeps the stream of one queue fed: one channel after another, whatever happens to connection, channel and queue. A fault is logged once, when it comes and
/// when it is over; in between health shows it.
/// </summary>
internal sealed partial class QueueConsumer : IAsyncDisposable
{
    // A queue that is missing or refused is asked for again soon enough for a person who has just put it right, and seldom enough for the broker's log.
    private static readonly TimeSpan FirstRetry = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LastRetry = TimeSpan.FromSeconds(2);

    // What a postponed queue waits for takes a part of a second where nothing waits; each question is a few requests.
    private static readonly TimeSpan LastPostponement = TimeSpan.FromMilliseconds(400);

    /// <summary>How often a session is looked at for settlements that do not come.</summary>
    private static readonly TimeSpan CheckPeriod = TimeSpan.FromMilliseconds(250);

    /// <summary>How often it is looked whether a queue that is to be emptied is empty: others wait for it.</summary>
    private static readonly TimeSpan EmptyCheckPeriod = TimeSpan.FromMilliseconds(50);

    /// <summary>At handover, settlements of what was handed on are waited for as long as they keep coming, up to this: each saves a repeat.</summary>
    private static readonly TimeSpan HandoverTimeout = TimeSpan.FromSeconds(1);

    private readonly BrokerConnection _connection;
    private readonly IQueueTopology _topology;
    private readonly RabbitMqStreamOptions _options;
    private readonly ChannelEpochs _epochs;
    private readonly RabbitMqStreamMetrics _metrics;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly DeliveryBuffer _buffer;
    private readonly CancellationTokenSource _stopping = new();
    private Task _running = Task.CompletedTask;
    private volatile ChannelSession? _session;
    private volatile bool _untilEmpty;
    private volatile QueueHealth _health;
    private string? _reportedFault;

    public QueueConsumer(
        string queue,
        BrokerConnection connection,
        IQueueTopology topology,
        RabbitMqStreamOptions options,
        ChannelEpochs epochs,
        RabbitMqStreamMetrics metrics,
        TimeProvider time,
        ILogger<QueueConsumer> logger
    )
    {
        Queue = queue;
        (_connection, _topology, _options, _epochs, _metrics, _time, _logger) = (connection, topology, options, epochs, metrics, time, logger);
        _buffer = new DeliveryBuffer(options.MaxWait, time);
        Since = epochs.Next();
        _health = new QueueHealth(queue, QueueState.Waiting, "");
    }

    public string Queue { get; }

    /// <summary>An epoch below those of all channels since the queue was taken.</summary>
    public long Since { get; }

    public int Unsettled => _session?.Unsettled ?? 0;

    public QueueHealth Health => _health is { State: QueueState.Waiting, Detail: "" } ? _health with { Detail = _connection.Fault ?? "starting" } : _health;

    public void Start() => _running = Task.Run(() => RunAsync(_stopping.Token));

    public Task<IList<IBatchContainer>> TakeAsync(int maxCount, CancellationToken cancellationToken) => _buffer.TakeAsync(maxCount, cancellationToken);

    /// <summary>The epoch of the channel that is open; null when there is none.</summary>
    public long? Channel => _session is { Ended.IsCompleted: false } session ? session.Epoch : null;

    /// <summary>Whether deliveries of a channel can still be settled.</summary>
    public bool IsCurrent(long epoch) => _session is { } session && session.Epoch == epoch && !session.Ended.IsCompleted;

    public void Settle(long epoch, ulong tag)
    {
        if (_session is { } session && session.Epoch == epoch)
            session.Settle(tag);
        else
            _metrics.SettlementLate(Queue);
    }

    public void Hold(long epoch, ulong tag)
    {
        if (_session is { } session && session.Epoch == epoch)
            session.Hold(tag);
    }

    public async Task RedeliverAsync(long epoch)
    {
        if (_session is not { } session || session.Epoch != epoch)
            return;
        LogRedelivering(Queue, "the consumer asked for it");
        session.End(new SessionEnd(SessionEndKind.Redelivery, "redelivery asked for"));
        await session.DisposeAsync();
    }

    /// <summary>Asks for another assignment, unless there will be one soon as this one is only until its queue is empty.</summary>
    public async Task ReassignAsync()
    {
        if (_session is not { } session || _untilEmpty)
            return;
        LogReassigning(Queue);
        session.End(new SessionEnd(SessionEndKind.Redelivery, "the queues have changed"));
        await session.DisposeAsync();
    }

    /// <summary>Gives the queue up: closes the channel, so that the next owner gets all that is not settled, in order.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_stopping.IsCancellationRequested)
            return;
        if (_session is { } session)
            await SettleOutstandingAsync(session);
        await _stopping.CancelAsync();
        await _running;
        _buffer.Dispose();
        _stopping.Dispose();
    }

    private async Task RunAsync(CancellationToken stopping)
    {
        var delay = TimeSpan.Zero;
        while (!stopping.IsCancellationRequested)
        {
            IConnection? connection = null;
            var started = _time.GetTimestamp();
            try
            {
                connection = await _connection.GetAsync(stopping);
                var drained = await ConsumeOnceAsync(connection, stopping);
                delay = drained || _time.GetElapsedTime(started) > LastRetry ? TimeSpan.Zero : Longer(delay);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (QueueNotReadyException exception)
            {
                delay = Longer(delay) is var longer && longer < LastPostponement ? longer : LastPostponement;
                _health = new QueueHealth(Queue, QueueState.Postponed, exception.Message);
            }
            catch (Exception exception)
            {
                delay = Longer(delay);
                if (connection is { IsOpen: true })
                    ReportFault(BrokerFault.Describe(exception));
                else
                    ShowConnectionLost();
            }
            await Task.Delay(delay, _time, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One channel from its opening to its end. True when it ended because its queue was to be emptied, and is.</summary>
    private async Task<bool> ConsumeOnceAsync(IConnection connection, CancellationToken stopping)
    {
        var assignment = await _topology.PrepareAsync(Queue, connection, stopping);
        if (assignment.Queue is null)
        {
            _health = new QueueHealth(Queue, QueueState.Idle, assignment.Reason);
            await WaitForCloseAsync(connection, stopping);
            return false;
        }
        await using var session = await ChannelSession.OpenAsync(connection, Queue, _epochs.Next(), _buffer, _options, _metrics, _time, stopping);
        try
        {
            await session.ConsumeAsync(assignment.Queue, stopping);
            if (!await _topology.ConfirmAsync(Queue, assignment, connection, stopping))
                return false;
            (_session, _untilEmpty) = (session, assignment.UntilEmpty);
            session.Release();
            _metrics.ChannelOpened(Queue);
            ReportConsuming(assignment, session.Epoch);
            var end = await WatchAsync(session, connection, assignment, stopping);
            if (end.Kind is SessionEndKind.ChannelClosed or SessionEndKind.ConsumerCancelled)
                ReportFault(end.Reason);
            else if (end.Kind == SessionEndKind.ConnectionLost)
                ShowConnectionLost();
            else
                _health = new QueueHealth(Queue, end.Kind == SessionEndKind.Drained ? QueueState.Postponed : QueueState.Waiting, end.Reason);
            return end.Kind == SessionEndKind.Drained;
        }
        finally
        {
            _session = null;
            _buffer.Clear();
        }
    }

    private async Task<SessionEnd> WatchAsync(ChannelSession session, IConnection connection, QueueAssignment assignment, CancellationToken stopping)
    {
        var wasEmpty = false;
        while (!session.Ended.IsCompleted)
        {
            await Task.WhenAny(session.Ended, Task.Delay(assignment.UntilEmpty ? EmptyCheckPeriod : CheckPeriod, _time, stopping));
            stopping.ThrowIfCancellationRequested();
            // The client tells one channel after another that the connection is lost; one that is stuck leaves the rest untold.
            if (!connection.IsOpen)
                session.End(new SessionEnd(SessionEndKind.ConnectionLost, "the connection is lost"));
            else if (session.LostFor > _options.SettlementTimeout)
            {
                LogRedelivering(Queue, $"a delivery was not settled within {_options.SettlementTimeout}");
                session.End(new SessionEnd(SessionEndKind.Redelivery, "a delivery was not settled in time"));
            }
            else
            {
                ShowProgress(session, assignment);
                var isEmpty =
                    assignment.UntilEmpty && session.Unsettled == 0 && _buffer.IsEmpty && await session.CountWaitingAsync(assignment.Queue!, stopping) == 0;
                // What the broker counts as given may still be on its way to us.
                if (isEmpty && wasEmpty && session.Unsettled == 0)
                    session.End(new SessionEnd(SessionEndKind.Drained, assignment.Reason));
                wasEmpty = isEmpty;
            }
        }
        return await session.Ended;
    }

    private void ShowProgress(ChannelSession session, QueueAssignment assignment)
    {
        var stalled = session.HeadAge > _options.SettlementTimeout / 2;
        if (stalled != (_health.State == QueueState.Stalled))
            _health = stalled
                ? new QueueHealth(Queue, QueueState.Stalled, "a delivery is not settled")
                : new QueueHealth(Queue, QueueState.Consuming, assignment.Reason);
    }

    private async Task SettleOutstandingAsync(ChannelSession session)
    {
        var started = _time.GetTimestamp();
        var before = int.MaxValue;
        while (
            !session.Ended.IsCompleted && session.Unsettled is var unsettled and > 0 && unsettled < before && _time.GetElapsedTime(started) < HandoverTimeout
        )
        {
            before = unsettled;
            await Task.Delay(HandoverTimeout / 10, _time);
        }
    }

    private static async Task WaitForCloseAsync(IConnection connection, CancellationToken stopping)
    {
        var closed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        if (connection.IsOpen)
            await closed.Task.WaitAsync(stopping);
    }

    private static TimeSpan Longer(TimeSpan delay) =>
        delay == TimeSpan.Zero ? FirstRetry
        : delay * 2 < LastRetry ? delay * 2
        : LastRetry;

    // It is logged once for all queues, by the connection, whose words health shows.
    private void ShowConnectionLost() => _health = new QueueHealth(Queue, QueueState.Waiting, "");

    private void ReportFault(string reason)
    {
        _health = new QueueHealth(Queue, QueueState.Waiting, reason);
        if (_reportedFault != reason)
            LogFault(Queue, reason);
        _reportedFault = reason;
    }

    private void ReportConsuming(QueueAssignment assignment, long epoch)
    {
        _health = new QueueHealth(Queue, QueueState.Consuming, assignment.Reason);
        if (_reportedFault is not null)
            LogRecovered(Queue, epoch);
        else
            LogConsuming(Queue, epoch);
        _reportedFault = null;
    }
}
