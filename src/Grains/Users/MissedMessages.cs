using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// How many messages had to go that sessions may have been owed which are not there yet. They are counted by their keys, so that each is told of its own alone.
/// </summary>
[GenerateSerializer, Alias("NotifyOrleans.MissedMessages")]
internal sealed class MissedMessages
{
    // As many as memory holds messages by default, each of up to 255 bytes. With more, what has yet another key is told to all.
    private const int MaxKeys = 1000;

    [Id(0)]
    private readonly Dictionary<(string Exchange, string FilterKey), long> _byKey = [];

    [Id(1)]
    private long _others;

    public void Add(MailboxMessage message) => Add((message.Notification.Exchange, message.FilterKey), 1);

    public void Add(MissedMessages more)
    {
        foreach (var (key, count) in more._byKey)
            Add(key, count);
        _others += more._others;
    }

    /// <summary>How many of them the subscription takes.</summary>
    public long CountFor(Subscriber subscriber) =>
        _others + _byKey.Where(missed => subscriber.Matches(missed.Key.Exchange, missed.Key.FilterKey)).Sum(missed => missed.Value);

    private void Add((string Exchange, string FilterKey) key, long count)
    {
        if (_byKey.Count < MaxKeys || _byKey.ContainsKey(key))
            _byKey[key] = _byKey.GetValueOrDefault(key) + count;
        else
            _others += count;
    }
}
