using System.Collections;
using System.Globalization;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>What one session has received. Guarded by its user's lock.</summary>
/// <param name="name">Names it in reports of violations.</param>
/// <param name="keys">Routing keys of the user.</param>
/// <param name="messagesPerKey">Messages of each.</param>
/// <param name="subscribedAt">When SUBSCRIBE was about to be sent: what the user had by then is a repeat.</param>
public sealed class SessionLedger(string name, int keys, int messagesPerKey, long subscribedAt)
{
    private readonly BitArray[] _seen = [.. Enumerable.Range(0, keys).Select(_ => new BitArray(messagesPerKey))];
    private readonly int[] _highest = [.. Enumerable.Repeat(-1, keys)];
    private readonly (long Epoch, int Number)[] _highestOfOwner = new (long, int)[keys];
    private readonly List<string> _history = [];
    private Offset _newest = new(0, 0);

    public string Name => name;

    public long SubscribedAt => subscribedAt;

    public int Received { get; private set; }

    /// <summary>The last messages of a routing key, each with its place, an r when it was redelivered, and its time.</summary>
    public string History(int key)
    {
        const int Shown = 12;
        return string.Join(' ', _history.Where(entry => entry.StartsWith($"{key}-", StringComparison.Ordinal)).TakeLast(Shown));
    }

    public void Note(MessageId message, Offset offset, bool isFlagged, TimeSpan at) =>
        _history.Add(string.Create(CultureInfo.InvariantCulture, $"{message.Key}-{message.Number}@{offset}{(isFlagged ? "r" : "")}/{at.TotalSeconds:0.00}"));

    /// <summary>False when it had come to this session before.</summary>
    public bool TryAdd(MessageId message)
    {
        if (_seen[message.Key][message.Number])
            return false;
        Received++;
        return _seen[message.Key][message.Number] = true;
    }

    /// <summary>The highest number of the key before this message; -1 when there was none.</summary>
    /// <returns>Of all, and of those of its owner of the shard.</returns>
    public (int Ever, int OfOwner) Raise(MessageId message, long epoch)
    {
        var (ever, (ownersEpoch, ofOwner)) = (_highest[message.Key], _highestOfOwner[message.Key]);
        if (ownersEpoch != epoch)
            ofOwner = -1;
        _highest[message.Key] = Math.Max(ever, message.Number);
        _highestOfOwner[message.Key] = (epoch, Math.Max(ofOwner, message.Number));
        return (ever, ofOwner);
    }

    /// <summary>The newest first offer before this one.</summary>
    public Offset Raise(Offset offset)
    {
        var former = _newest;
        if (offset.CompareTo(former) > 0)
            _newest = offset;
        return former;
    }
}
