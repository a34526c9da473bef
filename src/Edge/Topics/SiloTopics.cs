using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Topics;

/// <summary>How far the edge has come in one silo's topic messages. It outlives the silo's links, as the silo's log does.</summary>
/// <param name="silo">The silo.</param>
/// <param name="ordinal">A number for it, never used again in the edge's life.</param>
/// <param name="lanes">Lanes of a link.</param>
internal sealed class SiloTopics(string silo, long ordinal, int lanes)
{
    private readonly long[] _lanes = new long[lanes];
    private readonly Dictionary<TopicInterest, long> _since = [];
    private bool _hasBegun;
    private long _missedUpTo;

    public string Silo => silo;

    public long Ordinal => ordinal;

    /// <summary>Every subscription that wanted it was offered the message of this number, or was told that it was dropped.</summary>
    public void Advance(int lane, long number) => Volatile.Write(ref _lanes[lane], number);

    /// <summary>For each lane the number up to which the edge has had everything; null before the first link.</summary>
    public long[]? Had
    {
        get
        {
            lock (_since)
                return _hasBegun ? [.. _lanes.Select((_, lane) => Volatile.Read(ref _lanes[lane]))] : null;
        }
    }

    /// <summary>
    /// A link was opened, and gives these patterns from behind this number on. Those that were there before go on where they were: the link brings what they
    /// have missed.
    /// </summary>
    public void Begin(TopicInterest[] interests, long number)
    {
        lock (_since)
        {
            if (!_hasBegun)
                Array.Fill(_lanes, number);
            _hasBegun = true;
            _missedUpTo = number;
            foreach (var gone in _since.Keys.Except(interests).ToList())
                _since.Remove(gone);
            foreach (var interest in interests)
                _since.TryAdd(interest, number);
        }
    }

    /// <summary>The silo has been told of patterns that came, behind this number, and went.</summary>
    public void Change(TopicInterest[] added, TopicInterest[] removed, long number)
    {
        lock (_since)
        {
            foreach (var interest in removed)
                _since.Remove(interest);
            foreach (var interest in added)
                _since[interest] = number;
        }
    }

    /// <summary>Whether a message is for those who subscribe to this: what a link brings that others have missed may be older than their pattern.</summary>
    public bool IsFor(TopicInterest interest, long number)
    {
        if (number > Volatile.Read(ref _missedUpTo))
            return true;
        lock (_since)
            return _since.TryGetValue(interest, out var since) && number > since;
    }

    /// <summary>
    /// For each lane the number up to which a subscription to this was offered everything, or told of it; null when the silo has not been told of it.
    /// </summary>
    public long[]? LanesOf(TopicInterest interest)
    {
        lock (_since)
        {
            // What is older than the pattern was never offered, and is not owed.
            return _since.TryGetValue(interest, out var since) ? [.. _lanes.Select((_, lane) => Math.Max(since, Volatile.Read(ref _lanes[lane])))] : null;
        }
    }
}
