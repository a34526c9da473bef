using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>Topic messages, one behind the other, that a lane has not taken. They are counted by their keys, so that each subscription is told of its own alone. Not thread-safe.</summary>
internal sealed class TopicHole
{
    private readonly Dictionary<(string Exchange, string RoutingKey), long> _byKey = [];
    private long _others;
    private long _last;

    /// <summary>How many keys it holds.</summary>
    public int Keys => _byKey.Count;

    /// <param name="push">What is not taken.</param>
    /// <param name="mayGrow">Whether there is room for one more key; without, what has another is told to all.</param>
    public void Add(TopicPush push, bool mayGrow)
    {
        var key = (push.Notification.Exchange, push.Notification.RoutingKey);
        if (mayGrow || _byKey.ContainsKey(key))
            _byKey[key] = _byKey.GetValueOrDefault(key) + 1;
        else
            _others++;
        _last = push.Number;
    }

    public DroppedTopics Describe() => new(_last, [.. _byKey.Select(key => new DroppedKey(key.Key.Exchange, key.Key.RoutingKey, key.Value))], _others);
}
