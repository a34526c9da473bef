using NotifyOrleans.Grains.Interfaces.Notifications;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>How many messages were dropped for a subscription, until its client is known to have been told by <c>x-dropped</c>. Not thread-safe.</summary>
internal struct DropNotice
{
    private long _untold;
    private long _told;
    private Place? _teller;

    /// <summary>Those of which the client is not known to have heard: who follows the subscription has to be told of them.</summary>
    public readonly long Open => _told + _untold;

    public void Add(long count) => _untold += count;

    /// <summary>The message that is handed on next tells of those that it was not told of yet.</summary>
    /// <param name="at">The message's place.</param>
    /// <returns>How many it tells of.</returns>
    public long Tell(Place at)
    {
        var count = _untold;
        if (count > 0)
            (_untold, _told, _teller) = (0, _told + count, at);
        return count;
    }

    /// <summary>The client has got this message.</summary>
    public void OnSettled(Place at)
    {
        if (_teller == at)
            (_teller, _told) = (null, 0);
    }
}
