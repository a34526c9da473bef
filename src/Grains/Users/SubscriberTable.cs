using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// A user's subscriptions: those that an edge serves, and those whose session was lost without a goodbye. A lost one is kept for a while, and the user's next
/// subscription to the same destination goes on where it was.
/// </summary>
/// <param name="grace">How long; zero keeps none.</param>
/// <param name="metrics">Counts the kept ones.</param>
/// <param name="time">The clock.</param>
internal sealed class SubscriberTable(TimeSpan grace, UserMetrics metrics, TimeProvider time)
{
    private readonly Dictionary<SubscriberKey, Subscriber> _served = [];

    // In the order in which they were lost, which is that in which they end.
    private readonly List<Subscriber> _kept = [];

    // Of those that the shard's former owner had: they begin with this one once, also when an answer of ours was lost and they still name the former.
    private readonly HashSet<SubscriberKey> _begunWithOwner = [];

    /// <summary>The number of the newest subscription.</summary>
    public int LastArrival { get; private set; }

    // By its own type it is gone through without an enumerator on the heap, which each message would need several times.
    public Dictionary<SubscriberKey, Subscriber>.ValueCollection Served => _served.Values;

    public IEnumerable<Subscriber> All => _served.Values.Concat(_kept);

    /// <summary>When the first of the kept ones is to end; null when there is none.</summary>
    public DateTimeOffset? KeptUntil => _kept.Count > 0 ? _kept[0].KeptUntil : null;

    /// <summary>Whether anybody has still to get a message: asked for each, so without anything on the heap.</summary>
    public bool Want(HeldMessage message)
    {
        foreach (var subscriber in _served.Values)
        {
            if (subscriber.Wants(message))
                return true;
        }
        foreach (var subscriber in _kept)
        {
            if (subscriber.Wants(message))
                return true;
        }
        return false;
    }

    public Subscriber? Find(string edge, long id) => _served.GetValueOrDefault(new SubscriberKey(edge, id));

    /// <summary>Takes one in.</summary>
    /// <param name="edge">The edge that serves it.</param>
    /// <param name="link">The link that serves it.</param>
    /// <param name="subscription">What the edge said of it.</param>
    /// <param name="since">Where it begins, unless it follows another.</param>
    /// <param name="missedByLate">When the shard's former owner had it, and so it follows nobody but itself: what such ones have missed here. Null for
    /// others.</param>
    /// <param name="inherited">Messages that it has still to get, and that memory may have let go of.</param>
    /// <returns>False when it is there already.</returns>
    public bool TryAdd(
        string edge,
        long link,
        MailboxSubscription subscription,
        Place since,
        MissedMessages? missedByLate,
        out IReadOnlyList<HeldMessage> inherited
    )
    {
        inherited = [];
        var key = new SubscriberKey(edge, subscription.Id);
        var subscriber = new Subscriber(edge, link, subscription, since, ++LastArrival);
        if (!_served.TryAdd(key, subscriber))
            return false;
        if (TakeKept(subscriber, isLate: missedByLate is not null) is { } kept)
        {
            subscriber.Follow(kept);
            metrics.SubscriptionFollowed();
        }
        else if (missedByLate is not null && _begunWithOwner.Add(key))
        {
            subscriber.BeginWithOwner(missedByLate);
        }
        else if (grace > TimeSpan.Zero)
        {
            inherited = [.. _served.Values.Where(other => other != subscriber && other.HasDestinationOf(subscriber)).SelectMany(subscriber.Inherit)];
        }
        return true;
    }

    /// <summary>Takes one away.</summary>
    public void Remove(Subscriber subscriber) => _served.Remove(new SubscriberKey(subscriber.Edge, subscriber.Id));

    /// <summary>Takes all away, the kept ones too.</summary>
    public void Clear()
    {
        _served.Clear();
        _kept.Clear();
    }

    /// <summary>Keeps one that was taken away, for its successor.</summary>
    public void Keep(Subscriber subscriber, Place newest)
    {
        if (grace == TimeSpan.Zero)
            return;
        if (subscriber.Heir is { } heir && !_served.ContainsValue(heir))
            subscriber.Heir = null;
        subscriber.Keep(time.GetUtcNow() + grace, newest);
        _kept.Add(subscriber);
        metrics.SubscriptionKept();
    }

    /// <summary>Lets go of kept ones whose time is over.</summary>
    /// <returns>Whether there was one.</returns>
    public bool RemoveOverdue()
    {
        var now = time.GetUtcNow();
        return _kept.RemoveAll(subscriber => subscriber.KeptUntil <= now) > 0;
    }

    /// <summary>An edge that had lost its link to us comes with the very same subscription again; else the one that was lost first is followed first.</summary>
    private Subscriber? TakeKept(Subscriber successor, bool isLate)
    {
        var kept = _kept.Find(kept => kept.Edge == successor.Edge && kept.Id == successor.Id) ?? (isLate ? null : _kept.Find(successor.HasDestinationOf));
        if (kept is not null)
            _kept.Remove(kept);
        return kept;
    }
}
