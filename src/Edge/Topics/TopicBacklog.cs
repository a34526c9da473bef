using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// What of a live topic came faster than the client takes it: the messages that wait, and how many were dropped before each of them and behind the last. Not
/// thread-safe.
/// </summary>
/// <param name="budget">Bytes that may wait; of the session's.</param>
internal sealed class TopicBacklog(BacklogBudget budget)
{
    private Queue<SubscribedMessage>? _messages;
    private long _bytes;
    private long _droppedBehind;

    public bool IsEmpty => _messages is not { Count: > 0 };

    /// <summary>The places of those that wait.</summary>
    public IEnumerable<Place> Places => _messages?.Select(message => message.Place) ?? [];

    /// <summary>How many were dropped of which no message has told yet.</summary>
    public long Dropped => (_messages?.Sum(message => message.Dropped) ?? 0) + _droppedBehind;

    /// <summary>Has a message wait, which will tell what was dropped before it; when there is no room for it, it is dropped too.</summary>
    /// <returns>False when it was dropped.</returns>
    public bool TryAdd(in SubscribedMessage message)
    {
        if (!budget.TryTake(message.Message.Size))
        {
            _droppedBehind++;
            return false;
        }
        _bytes += message.Message.Size;
        (_messages ??= new Queue<SubscribedMessage>()).Enqueue(message with { Dropped = TakeDropped() });
        return true;
    }

    /// <summary>The first that waits does not any more.</summary>
    public bool TryTake(out SubscribedMessage message)
    {
        message = default;
        if (_messages?.TryDequeue(out message) != true)
            return false;
        _bytes -= message.Message.Size;
        budget.Return(message.Message.Size);
        return true;
    }

    /// <summary>Messages were dropped behind all that waits.</summary>
    public void Drop(long count) => _droppedBehind += count;

    /// <summary>How many were dropped behind all that waits: a message that does not wait tells of them.</summary>
    public long TakeDropped()
    {
        var dropped = _droppedBehind;
        _droppedBehind = 0;
        return dropped;
    }

    /// <summary>Nothing waits any more.</summary>
    public void Clear()
    {
        budget.Return(_bytes);
        (_messages, _bytes) = (null, 0);
    }
}
