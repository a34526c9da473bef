using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>Messages that wait for the client's ACK or NACK, in the order of their delivery over all subscriptions of the session. Not thread-safe.</summary>
internal sealed class UnackedMessages
{
    private readonly LinkedList<(long Number, SubscribedMessage Message)> _inOrder = new();
    private readonly Dictionary<long, LinkedListNode<(long Number, SubscribedMessage Message)>> _byNumber = [];

    public void Add(long number, in SubscribedMessage message) => _byNumber.Add(number, _inOrder.AddLast((number, message)));

    /// <summary>The message of this number; false when there is none, or not any more.</summary>
    public bool TryFind(long number, out SubscribedMessage message)
    {
        var found = _byNumber.TryGetValue(number, out var node);
        message = node?.Value.Message ?? default;
        return found;
    }

    /// <summary>Takes the message out, and with <c>ack:client</c> all before it.</summary>
    public List<SubscribedMessage> Take(long number)
    {
        var named = _byNumber[number];
        if (named.Value.Message.Subscription.AckMode != AckMode.Client)
        {
            Remove(named);
            return [named.Value.Message];
        }
        var taken = new List<SubscribedMessage>();
        while (_inOrder.First is { } first && first.Value.Number <= number)
        {
            taken.Add(first.Value.Message);
            Remove(first);
        }
        return taken;
    }

    /// <summary>Forgets those of a subscription that ended.</summary>
    public void RemoveAll(Subscription subscription)
    {
        for (var node = _inOrder.First; node is not null; )
        {
            var next = node.Next;
            if (node.Value.Message.Subscription == subscription)
                Remove(node);
            node = next;
        }
    }

    private void Remove(LinkedListNode<(long Number, SubscribedMessage Message)> node)
    {
        _inOrder.Remove(node);
        _byNumber.Remove(node.Value.Number);
    }
}
