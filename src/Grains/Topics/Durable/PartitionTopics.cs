using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Grains.Topics.Durable;

/// <summary>
/// The topic messages of one partition, and the one writer of its log. A message that a durable subscription matches is stored, once for all of them, then
/// handed on and settled; any other is handed on at once, but never before one with the same key that waits. One that is to be retained is that first, so that
/// whoever subscribes either finds it there or is pushed it. For one dispatcher, within its turns.
/// </summary>
internal sealed class PartitionTopics(
    string partition,
    TopicFanout fanout,
    DurablePatterns durables,
    IGrainFactory grains,
    ITopicLogStore store,
    IDeliverySettler settler,
    IQueueRecovery recovery,
    TopicLogMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    // One commit: while it is under way the next gathers.
    private const int MaxCommitMessages = 1000;
    private const int MaxCommitBytes = 1 << 20;

    /// <summary>How often edges are told how far the log has come.</summary>
    private static readonly TimeSpan MarkInterval = TimeSpan.FromSeconds(10);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Queue<Arrival> _waiting = new();
    private readonly Dictionary<(string Exchange, string RoutingKey), int> _keys = [];
    private long _begun = time.GetTimestamp();
    private TopicLogState? _log;
    private long _marked;
    private long _markedAt = time.GetTimestamp();
    private List<Arrival> _underWay = [];
    private bool _isRunning;

    /// <summary>Whether messages are neither handed on nor settled.</summary>
    public bool HasWaiting => _isRunning || _waiting.Count > 0;

    /// <summary>The oldest of a channel's deliveries that are neither handed on nor settled; null when there is none.</summary>
    public ulong? OldestOf(long channelEpoch) => _underWay.Concat(_waiting).FirstOrDefault(arrival => arrival.ChannelEpoch == channelEpoch)?.Tag;

    /// <summary>
    /// Takes a message. One that a closed channel has brought late is left to the broker, which delivers it again behind what came before it and was forgotten.
    /// </summary>
    public void Publish(RabbitMqDelivery delivery, Notification notification)
    {
        if (!settler.IsCurrent(partition, delivery.ChannelEpoch))
            return;
        var arrival = new Arrival(delivery.ChannelEpoch, delivery.Tag, delivery.Redelivered, notification);
        if (
            !notification.Retain
            && durables.IsCurrentSince(_begun)
            && !_keys.ContainsKey(arrival.Key)
            && !durables.Match(notification.Exchange, notification.RoutingKey)
        )
        {
            HandOn(arrival, stored: null);
            return;
        }
        _waiting.Enqueue(arrival);
        _keys[arrival.Key] = _keys.GetValueOrDefault(arrival.Key) + 1;
        if (!_isRunning)
            _ = RunAsync();
    }

    /// <summary>
    /// The partition has come here, or has a new channel. A silo that joins is not told of subscriptions that begin before it is known to the others: so what
    /// was confirmed until now is looked for before the first message.
    /// </summary>
    /// <param name="formerChannel">The epoch of the channel before; 0 when there was none.</param>
    public void Begin(long formerChannel)
    {
        Forget();
        _begun = time.GetTimestamp();
        // Where the partition was meanwhile somebody else has opened the log.
        if (!_isRunning && !settler.HasHadSince(partition, formerChannel))
            _log = null;
    }

    /// <summary>The broker delivers again what waits. What is being stored is handed on all the same: it may be in the log already.</summary>
    /// <param name="upTo">Of channels up to this epoch.</param>
    public void Forget(long upTo = long.MaxValue)
    {
        while (_waiting.TryPeek(out var arrival) && arrival.ChannelEpoch <= upTo)
            Leave(_waiting.Dequeue());
    }

    /// <summary>Called now and then: tells edges how far the log has come.</summary>
    public void Mark()
    {
        if (_log is null || _log.Last == _marked || HasWaiting || time.GetElapsedTime(_markedAt) < MarkInterval)
            return;
        (_marked, _markedAt) = (_log.Last, time.GetTimestamp());
        fanout.Mark(new LogPosition(partition, _log.Epoch, _log.Last));
    }

    private async Task RunAsync()
    {
        _isRunning = true;
        while (_waiting.Count > 0)
        {
            await durables.WhenCurrentAsync(_begun);
            var batch = _underWay = Take();
            // Forgotten while it was waited.
            if (batch.Count == 0)
                break;
            try
            {
                var stored = batch.Where(arrival => durables.Match(arrival.Notification.Exchange, arrival.Notification.RoutingKey)).ToHashSet();
                if (stored.Count == 0 || await StoreAsync(batch, stored))
                    HandOn(batch, stored, await RetainAsync(batch));
            }
            catch (Exception exception)
            {
                logger.HandingOnFailed(exception, partition);
                Return(batch);
            }
            foreach (var arrival in batch)
                Leave(arrival);
        }
        _underWay = [];
        _isRunning = false;
    }

    private List<Arrival> Take()
    {
        var batch = new List<Arrival>();
        var bytes = 0;
        while (batch.Count < MaxCommitMessages && bytes < MaxCommitBytes && _waiting.TryDequeue(out var arrival))
        {
            batch.Add(arrival);
            bytes += arrival.Notification.Size;
        }
        return batch;
    }

    /// <summary>Tries until the messages are in the log; false when it has another writer, to whom the broker delivers them.</summary>
    private async Task<bool> StoreAsync(List<Arrival> batch, HashSet<Arrival> stored)
    {
        var isFailing = false;
        StoredTopic[]? messages = null;
        while (true)
        {
            try
            {
                _log ??= await store.OpenAsync(partition, CancellationToken.None);
                // The same numbers at each attempt: one whose answer was lost may have been successful.
                messages ??= Number(batch.Where(stored.Contains));
                await store.AppendAsync(partition, _log.Epoch, messages);
                _log = _log with { Last = messages[^1].Number, Total = messages[^1].Total };
                metrics.Appended(messages.Length);
                return true;
            }
            catch (StaleLogException)
            {
                logger.LogLost(partition, _log!.Epoch);
                _log = null;
                Return(batch);
                return false;
            }
            catch (Exception exception)
            {
                if (!isFailing)
                    logger.AppendingFailed(exception, partition);
                isFailing = true;
                await Task.Delay(RetryDelay, time);
            }
        }
    }

    /// <summary>
    /// Gives messages back to the broker, with what waits behind them. What another channel has brought meanwhile goes on: they are among it.
    /// </summary>
    private void Return(List<Arrival> batch)
    {
        var channel = batch[^1].ChannelEpoch;
        // The channel takes nothing more from this moment, however long it takes to close it.
        _ = recovery.RedeliverAsync(partition, channel);
        Forget(channel);
    }

    /// <summary>Tries until those that are to be are retained.</summary>
    /// <returns>Their versions.</returns>
    private async Task<Dictionary<Arrival, long>> RetainAsync(List<Arrival> batch)
    {
        var versions = new Dictionary<Arrival, long>();
        foreach (var exchange in batch.Where(arrival => arrival.Notification.Retain).GroupBy(arrival => arrival.Notification.Exchange))
        {
            Arrival[] arrivals = [.. exchange];
            var set = await RetainAsync(exchange.Key, [.. arrivals.Select(arrival => arrival.Notification)]);
            for (var i = 0; i < set.Length; i++)
                versions.Add(arrivals[i], set[i]);
        }
        return versions;
    }

    private async Task<long[]> RetainAsync(string exchange, Notification[] messages)
    {
        var isFailing = false;
        while (true)
        {
            try
            {
                return await grains.GetGrain<IRetainedGrain>(exchange).SetAsync(messages);
            }
            catch (Exception exception)
            {
                if (!isFailing)
                    logger.RetainingFailed(exception, partition);
                isFailing = true;
                await Task.Delay(RetryDelay, time);
            }
        }
    }

    private StoredTopic[] Number(IEnumerable<Arrival> arrivals)
    {
        var (number, total, now) = (_log!.Last, _log.Total, time.GetUtcNow().ToUnixTimeMilliseconds());
        return
        [
            .. arrivals.Select(arrival => new StoredTopic(
                ++number,
                total += arrival.Notification.Size,
                arrival.Redelivered,
                now,
                IsCut: false,
                arrival.Notification
            )),
        ];
    }

    private void HandOn(List<Arrival> batch, HashSet<Arrival> stored, Dictionary<Arrival, long> retained)
    {
        var number = (_log?.Last ?? 0) - stored.Count;
        foreach (var arrival in batch)
            HandOn(arrival, stored.Contains(arrival) ? new LogPosition(partition, _log!.Epoch, ++number) : null, retained.GetValueOrDefault(arrival));
    }

    private void HandOn(Arrival arrival, LogPosition? stored, long retained = 0)
    {
        fanout.Publish(partition, arrival.Redelivered, arrival.Notification, stored, retained);
        settler.Settle(partition, arrival.ChannelEpoch, arrival.Tag);
    }

    private void Leave(Arrival arrival)
    {
        if (_keys[arrival.Key] > 1)
            _keys[arrival.Key]--;
        else
            _keys.Remove(arrival.Key);
    }

    /// <summary>A message that waits. Each is itself alone, however alike.</summary>
    private sealed class Arrival(long channelEpoch, ulong tag, bool redelivered, Notification notification)
    {
        public long ChannelEpoch => channelEpoch;

        public ulong Tag => tag;

        public bool Redelivered => redelivered;

        public Notification Notification => notification;

        public (string Exchange, string RoutingKey) Key => (notification.Exchange, notification.RoutingKey);
    }
}
