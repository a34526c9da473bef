using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Topics;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>
/// One lane of a link: collects messages while calls are under way, and sends them in numbered batches. A batch that is not answered is sent again under its number.
/// </summary>
internal sealed class LinkLane(EdgeLink link, int lane, string silo, IDeliveryObserver observer, DeliveryOptions options, DeliveryMetrics metrics, TimeProvider time, ILogger logger)
{
    // As many as of messages that a user has missed; see MissedMessages.
    private const int MaxDroppedKeys = 1000;

    private static readonly TimeSpan ResendDelay = TimeSpan.FromMilliseconds(200);

    private readonly Lock _lock = new();
    private readonly Queue<MailboxPush> _mailbox = new();
    private readonly Queue<(TopicPush? Push, TopicHole? Hole)> _topics = new();
    private readonly Queue<QueuePush> _queues = new();
    private Dictionary<string, LogPosition> _marks = [];
    private Dictionary<string, LogPosition> _dueMarks = [];
    private long _marksDueAt;
    // The last of what waits, when it is one.
    private TopicHole? _lastHole;
    private int _droppedKeys;
    private long _topicBytes;
    private long _topicsTaken;
    private long _sequence;
    private int _inFlight;
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
                Drop(push);
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

    /// <summary>Says how far a partition's durable log has come, behind all that was pushed of it.</summary>
    public void Mark(LogPosition mark)
    {
        lock (_lock)
        {
            _marks[mark.Log] = mark;
            Schedule();
        }
    }

    private bool IsEmpty => _mailbox.Count == 0 && _topics.Count == 0 && _queues.Count == 0 && _marks.Count == 0 && _dueMarks.Count == 0;

    /// <summary>What is dropped leaves a hole in its place among what waits: the edge is told of it when it has everything before it, and nothing behind it.</summary>
    private void Drop(TopicPush push)
    {
        metrics.TopicDropped();
        if (!_isBacklogTold)
            logger.TopicBacklogFull(link.Edge);
        _isBacklogTold = true;
        if (_lastHole is null)
            _topics.Enqueue((null, _lastHole = new TopicHole()));
        var keys = _lastHole.Keys;
        _lastHole.Add(push, mayGrow: _droppedKeys < MaxDroppedKeys);
        _droppedKeys += _lastHole.Keys - keys;
    }

    private void Schedule()
    {
        if (_isScheduled || _inFlight >= options.MaxBatchesInFlight || !link.IsOpen)
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
            if (IsEmpty || _inFlight >= options.MaxBatchesInFlight || !link.IsOpen)
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
            DroppedTopics? dropped = null;
            while (dropped is null && mailbox.Count + queues.Count + topics.Count < options.MaxBatchMessages && bytes < options.MaxBatchBytes && _topics.TryDequeue(out var next))
            {
                _topicsTaken++;
                if (next.Hole is { } hole)
                {
                    dropped = Take(hole);
                    continue;
                }
                var push = next.Push!;
                topics.Add(push);
                bytes += push.Notification.Size;
                _topicBytes -= push.Notification.Size;
            }
            var marks = TakeMarks();
            _inFlight++;
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
        while (link.IsOpen)
        {
            try
            {
                if (await observer.PushAsync(batch) == PushReply.UnknownLink)
                    link.End("the edge does not know it");
                else
                    metrics.BatchAccepted(batch.Mailbox.Length + batch.Topics.Length + batch.Queues.Length);
                break;
            }
            catch (Exception exception)
            {
                // A lost call and a lost answer look alike; the edge knows by the number whether it has the batch.
                logger.PushFailed(exception, link.Edge);
                metrics.BatchResent();
                await Task.Delay(ResendDelay, time);
            }
        }
        lock (_lock)
        {
            _inFlight--;
            if (!IsEmpty)
                Schedule();
            else
                _isBacklogTold = false;
        }
    }
}
