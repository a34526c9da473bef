using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>
/// One lane of a link: collects messages while calls are under way, and sends them in numbered batches. A batch that is not answered is sent again under its
/// number.
/// </summary>
internal sealed class LinkLane(
    EdgeLink link,
    int lane,
    string silo,
    IDeliveryObserver observer,
    DeliveryOptions options,
    DeliveryMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    // As many as of messages that a user has missed; see MissedMessages.
    private const int MaxDroppedKeys = 1000;

    private static readonly TimeSpan ResendDelay = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Queue<MailboxPush> _mailbox = new();
    private readonly Queue<(TopicPush? Push, TopicHole? Hole)> _topics = new();
    private readonly Queue<QueuePush> _queues = new();

    // Batches that are not answered, each with the number of the first topic message that it brings or tells of.
    private readonly List<(PushBatch Batch, long? FirstTopic)> _underWay = [];
    private Dictionary<string, LogPosition> _marks = [];
    private Dictionary<string, LogPosition> _dueMarks = [];
    private long _marksDueAt;

    // The last of what waits, when it is one.
    private TopicHole? _lastHole;
    private int _droppedKeys;
    private long _topicBytes;
    private long _topicsTaken;
    private long _sequence;
    private bool _isScheduled;
    private bool _isBacklogTold;

    public void Push(MailboxPush push)
    {
        lock (_lock)
        {
            _mailbox.Enqueue(push);
            Schedule();
        }
    }

    public void Push(QueuePush push)
    {
        lock (_lock)
        {
            _queues.Enqueue(push);
            Schedule();
        }
    }

    /// <summary>Topic messages have no window; what an edge that does not keep up leaves unread is bounded here.</summary>
    public void Push(TopicPush push)
    {
        lock (_lock)
        {
            if (_topicBytes > options.MaxTopicBacklogBytes)
            {
                if (!_isBacklogTold)
                    logger.TopicBacklogFull(link.Edge);
                _isBacklogTold = true;
                Drop(push.Number, push.Notification.Exchange, push.Notification.RoutingKey);
            }
            else
            {
                _topics.Enqueue((push, null));
                _lastHole = null;
                _topicBytes += push.Notification.Size;
            }
            Schedule();
        }
    }

    /// <summary>Tells the edge of a message that it has missed and that is not remembered any more.</summary>
    public void Drop(LoggedTopic missed)
    {
        lock (_lock)
        {
            Drop(missed.Number, missed.Exchange, missed.RoutingKey);
            Schedule();
        }
    }

    /// <summary>Tells the edge that it may have missed messages between these numbers of which not even their keys are known any more.</summary>
    public void DropUnknown(long first, long last)
    {
        lock (_lock)
        {
            OpenHole().AddUnknown(first, last);
            Schedule();
        }
    }

    /// <summary>Says how far a partition's durable log has come, behind all that was pushed of it.</summary>
    public void Mark(LogPosition mark)
    {
        lock (_lock)
        {
            _marks[mark.Log] = mark;
            Schedule();
        }
    }

    /// <summary>Up to this number the edge has, or was told of, every topic message that this lane was given.</summary>
    /// <param name="newest">The number of the newest message that there is.</param>
    public long AcceptedUpTo(long newest)
    {
        lock (_lock)
        {
            var waiting = _topics.TryPeek(out var next) ? next.Push?.Number ?? next.Hole!.First : newest + 1;
            return Math.Min(waiting, _underWay.Min(batch => batch.FirstTopic) ?? waiting) - 1;
        }
    }

    private bool IsEmpty => _mailbox.Count == 0 && _topics.Count == 0 && _queues.Count == 0 && _marks.Count == 0 && _dueMarks.Count == 0;

    /// <summary>
    /// What is dropped leaves a hole in its place among what waits: the edge is told of it when it has everything before it, and nothing behind it.
    /// </summary>
    private void Drop(long number, string exchange, string routingKey)
    {
        metrics.TopicDropped();
        var hole = OpenHole();
        var keys = hole.Keys;
        hole.Add(number, (exchange, routingKey), mayGrow: _droppedKeys < MaxDroppedKeys);
        _droppedKeys += hole.Keys - keys;
    }

    private TopicHole OpenHole()
    {
        if (_lastHole is null)
            _topics.Enqueue((null, _lastHole = new TopicHole()));
        return _lastHole;
    }

    private void Schedule()
    {
        if (_isScheduled || _underWay.Count >= options.MaxBatchesInFlight || !link.IsOpen)
            return;
        _isScheduled = true;
        // Behind what the caller still has to say, and off its scheduler: a grain that offers ten messages sends one batch.
        ThreadPool.UnsafeQueueUserWorkItem(static lane => lane.SendWaiting(), this, preferLocal: true);
    }

    private void SendWaiting()
    {
        while (TryTake(out var batch))
            _ = SendAsync(batch);
    }

    private bool TryTake(out PushBatch batch)
    {
        batch = null!;
        lock (_lock)
        {
            if (IsEmpty || _underWay.Count >= options.MaxBatchesInFlight || !link.IsOpen)
            {
                _isScheduled = false;
                return false;
            }
            ScheduleMarks();
            List<MailboxPush> mailbox = [];
            List<TopicPush> topics = [];
            List<QueuePush> queues = [];
            var bytes = 0;
            while (mailbox.Count < options.MaxBatchMessages && bytes < options.MaxBatchBytes && _mailbox.TryDequeue(out var push))
            {
                mailbox.Add(push);
                bytes += push.Notification.Size;
            }
            // Their windows bound them. Topics have none: behind these they would wait as long as topics come faster than the edge takes them.
            while (mailbox.Count + queues.Count < options.MaxBatchMessages && bytes < options.MaxBatchBytes && _queues.TryDequeue(out var push))
            {
                queues.Add(push);
                bytes += push.Size;
            }
            TopicHole? hole = null;
            while (
                hole is null
                && mailbox.Count + queues.Count + topics.Count < options.MaxBatchMessages
                && bytes < options.MaxBatchBytes
                && _topics.TryDequeue(out var next)
            )
            {
                _topicsTaken++;
                if (next.Push is not { } push)
                {
                    hole = next.Hole!;
                    continue;
                }
                topics.Add(push);
                bytes += push.Notification.Size;
                _topicBytes -= push.Notification.Size;
            }
            var dropped = hole is null ? null : Take(hole);
            var marks = TakeMarks();
            batch = new PushBatch
            {
                Silo = silo,
                Link = link.Number,
                Lane = lane,
                Sequence = ++_sequence,
                Mailbox = [.. mailbox],
                Topics = [.. topics],
                Queues = [.. queues],
                Marks = marks,
                HasDroppedTopics = dropped is not null,
                DroppedTopics = dropped,
            };
            _underWay.Add((batch, topics.Count > 0 ? topics[0].Number : hole?.First));
            return true;
        }
    }

    private DroppedTopics Take(TopicHole hole)
    {
        if (hole == _lastHole)
            _lastHole = null;
        _droppedKeys -= hole.Keys;
        return hole.Describe();
    }

    /// <summary>Marks are due behind the topics that wait now; those that come meanwhile, later.</summary>
    private void ScheduleMarks()
    {
        if (_dueMarks.Count > 0)
            return;
        (_dueMarks, _marks) = (_marks, _dueMarks);
        _marksDueAt = _topicsTaken + _topics.Count;
    }

    private LogPosition[] TakeMarks()
    {
        if (_topicsTaken < _marksDueAt)
            return [];
        LogPosition[] marks = [.. _dueMarks.Values];
        _dueMarks.Clear();
        return marks;
    }

    private async Task SendAsync(PushBatch batch)
    {
        // What is not accepted stays under way: the next link brings it.
        while (link.IsOpen)
        {
            try
            {
                if (await observer.PushAsync(batch) == PushReply.UnknownLink)
                    link.End("the edge does not know it");
                else
                    OnAccepted(batch);
                return;
            }
            catch (Exception exception)
            {
                // A lost call and a lost answer look alike; the edge knows by the number whether it has the batch.
                logger.PushFailed(exception, link.Edge);
                metrics.BatchResent();
                await Task.Delay(ResendDelay, time);
            }
        }
    }

    private void OnAccepted(PushBatch batch)
    {
        metrics.BatchAccepted(batch.Mailbox.Length + batch.Topics.Length + batch.Queues.Length);
        lock (_lock)
        {
            _underWay.RemoveAt(_underWay.FindIndex(open => open.Batch == batch));
            if (!IsEmpty)
                Schedule();
            else
                _isBacklogTold = false;
        }
    }
}
