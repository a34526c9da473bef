using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Queues;

/// <summary>What of a queue is with one subscription: on its way to the client, within so many bytes, or waiting for room. Not thread-safe.</summary>
/// <param name="maxBytes">Bytes that may be on their way; one message always may.</param>
internal sealed class QueueWindow(int maxBytes)
{
    private readonly Queue<QueuePush> _waiting = new();
    private readonly Dictionary<long, int> _underWay = [];
    private long _bytes;

    public void Add(QueuePush push) => _waiting.Enqueue(push);

    /// <summary>The next that has room; it is on its way then.</summary>
    public bool TryTake([NotNullWhen(true)] out QueuePush? push)
    {
        if (!_waiting.TryPeek(out push) || (_bytes > 0 && _bytes + push.Size > maxBytes))
            return false;
        _waiting.Dequeue();
        _underWay.Add(push.Place.Number, push.Size);
        _bytes += push.Size;
        return true;
    }

    /// <summary>Lets go of a message; false when it is not on its way (any more).</summary>
    public bool TryRemove(long tag)
    {
        if (!_underWay.Remove(tag, out var size))
            return false;
        _bytes -= size;
        return true;
    }
}
