using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>
/// Topic messages, one behind the other, that a lane has not taken. They are counted by their keys, so that each subscription is told of its own alone. Not
/// thread-safe.
/// </summary>
internal sealed class TopicHole
{
    private readonly Dictionary<(string Exchange, string RoutingKey), long> _byKey = [];
    private long _others;
    private long _last;

    /// <summary>The number of the first of them.</summary>
    public long First { get; private set; }

    /// <summary>How many keys it holds.</summary>
    public int Keys => _byKey.Count;

    /// <param name="number">The number of what is not taken.</param>
    /// <param name="key">Its key.</param>
    /// <param name="mayGrow">Whether there is room for one more key; without, what has another is told to all.</param>
    public void Add(long number, (string Exchange, string RoutingKey) key, bool mayGrow)
    {
        if (!mayGrow && !_byKey.ContainsKey(key))
        {
            AddUnknown(number, number);
            return;
        }
        _byKey[key] = _byKey.GetValueOrDefault(key) + 1;
        Reach(number, number);
    }

    /// <summary>Nobody knows any more what these were: one is told to all.</summary>
    public void AddUnknown(long first, long last)
    {
        _others++;
        Reach(first, last);
    }

    public DroppedTopics Describe() => new(_last, [.. _byKey.Select(key => new DroppedKey(key.Key.Exchange, key.Key.RoutingKey, key.Value))], _others);

    private void Reach(long first, long last)
    {
        if (First == 0)
            First = first;
        _last = last;
    }
}
