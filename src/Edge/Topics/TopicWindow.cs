using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Topics;

/// <summary>
/// What of a topic subscription is on its way and not settled. What the client proves by itself is limited in bytes alone, what it acknowledges also in number.
/// One message always goes: its settlement brings the next. Everything but <see cref="WhenRoomAsync"/> is called under the feed's lock.
/// </summary>
/// <param name="ackMode">Whether the client acknowledges.</param>
/// <param name="bytes">Bytes that may be on their way.</param>
/// <param name="prefetch">Messages that may wait for an ACK.</param>
/// <param name="writer">The session whose own queue must have room too; null when what it has no room for is not dropped.</param>
internal sealed class TopicWindow(AckMode ackMode, int bytes, int prefetch, Session? writer = null)
{
    private TaskCompletionSource? _room;
    private long _bytes;
    private int _count;
    private bool _isStopped;

    public bool HasRoom => _count == 0 || (_bytes < bytes && (ackMode == AckMode.Auto || _count < prefetch) && writer?.HasRoom != false);

    public void Add(OutgoingMessage message)
    {
        _count++;
        _bytes += message.Size;
    }

    public void Remove(OutgoingMessage message)
    {
        _count--;
        _bytes -= message.Size;
        if (HasRoom)
            _room?.TrySetResult();
    }

    /// <summary>Nobody waits for room any more.</summary>
    public void Stop()
    {
        _isStopped = true;
        _room?.TrySetResult();
    }

    /// <summary>Waits until there is room.</summary>
    /// <param name="gate">The feed's lock.</param>
    /// <returns>False when the feed has stopped.</returns>
    public async Task<bool> WhenRoomAsync(Lock gate)
    {
        while (true)
        {
            Task room;
            lock (gate)
            {
                if (_isStopped || HasRoom)
                    return !_isStopped;
                if (_room is null or { Task.IsCompleted: true })
                    _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }
            await room;
        }
    }
}
