using NotifyOrleans.Edge.Sessions;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>Messages of a subscription that come before its client was told that it is there. They are bounded by what limits messages on their way.</summary>
internal sealed class EarlyMessages
{
    private readonly List<SubscribedMessage> _messages = [];
    private bool _areOver;

    /// <summary>Keeps a message until the client was told.</summary>
    /// <returns>False when it was told meanwhile.</returns>
    public bool TryHold(in SubscribedMessage message)
    {
        lock (_messages)
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
        lock (_messages)
        {
            foreach (var message in _messages)
                session.Deliver(message);
            _areOver = true;
        }
    }
}
