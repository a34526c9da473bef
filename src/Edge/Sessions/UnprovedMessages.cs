using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// Messages of <c>ack:auto</c> that were written, in that order, and of which the client's side has not proved to have them. Not thread-safe.
/// </summary>
internal sealed class UnprovedMessages
{
    /// <summary>From so many on, or so many bytes, proof is asked for without a pause: one probe for a hundred messages costs nothing.</summary>
    private const int ManyMessages = 100;

    private const int ManyBytes = 64 * 1024;

    private readonly Queue<(long Number, SubscribedMessage Message)> _inOrder = new();
    private long _bytes;
    private int _lossy;

    public bool AreMany => _inOrder.Count >= ManyMessages || _bytes >= ManyBytes;

    /// <summary>Whether all are such as nobody keeps.</summary>
    public bool AreLossy => _lossy == _inOrder.Count;

    public int Count => _inOrder.Count;

    public bool IsEmpty => _inOrder.Count == 0;

    public void Add(long number, in SubscribedMessage message)
    {
        _inOrder.Enqueue((number, message));
        _bytes += message.Message.Size;
        message.Subscription.Unproved++;
        if (message.Subscription.IsLossy)
            _lossy++;
    }

    /// <summary>Takes out what is proved: the messages up to this number.</summary>
    public List<SubscribedMessage> Take(long number)
    {
        var taken = new List<SubscribedMessage>();
        while (_inOrder.TryPeek(out var first) && first.Number <= number)
        {
            _inOrder.Dequeue();
            _bytes -= first.Message.Message.Size;
            first.Message.Subscription.Unproved--;
            if (first.Message.Subscription.IsLossy)
                _lossy--;
            taken.Add(first.Message);
        }
        return taken;
    }
}
