using NotifyOrleans.Edge.Sessions;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>Messages of a subscription that come before its client was told that it is there. They are bounded by what limits messages on their way.</summary>
internal sealed class EarlyMessages
{
    private readonly Lock _gate = new();
    private List<SubscribedMessage> _messages = [];
    private bool _areOver;

    /// <summary>Keeps a message until the client was told.</summary>
    /// <returns>False when it was told meanwhile.</returns>
    public bool TryHold(in SubscribedMessage message)
    {
        lock (_gate)
        {
            if (_areOver)
                return false;
            _messages.Add(message);
            return true;
        }
    }

    /// <summary>The client was told: delivers them in the order in which they came, and holds no more.</summary>
    public void Deliver(Session session)
    {
        // Outside of the lock, which feeds take under their own. What comes meanwhile is held, so that it does not overtake.
        while (TryTake(out var messages))
        {
            foreach (var message in messages)
                session.Deliver(message);
        }
    }

    /// <summary>Those that wait; false when there are none, and no more are held.</summary>
    private bool TryTake(out List<SubscribedMessage> messages)
    {
        lock (_gate)
        {
            messages = _messages;
            _areOver = messages.Count == 0;
            _messages = [];
            return !_areOver;
        }
    }
}
