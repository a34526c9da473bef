using System.Collections;
using System.Globalization;

namespace NotifyOrleans.Torture.Ledgers;

/// <summary>What one session has received for a recipient. Guarded by the recipient's lock.</summary>
/// <param name="name">Names it in reports of violations.</param>
/// <param name="sequences">How many sequences are for the recipient.</param>
/// <param name="messages">Messages of each.</param>
/// <param name="subscribedAt">When SUBSCRIBE was about to be sent: what the recipient had by then is a repeat.</param>
public sealed class SessionLedger(string name, int sequences, int messages, long subscribedAt)
{
    private readonly BitArray[] _seen = [.. Enumerable.Range(0, sequences).Select(_ => new BitArray(messages))];
    private readonly int[] _highest = [.. Enumerable.Repeat(-1, sequences)];
    private readonly (long? Epoch, int Number)[] _highestOfOwner = [.. Enumerable.Repeat(((long?)null, -1), sequences)];
    private readonly List<(int Sequence, string Text)> _history = [];
    private Offset _newest = new(0, 0);

    public string Name => name;

    public long SubscribedAt => subscribedAt;

    /// <summary>When RECEIPT came: what others had until then may come again, out of turn.</summary>
    public long ReceiptedAt { get; set; } = long.MaxValue;

    public int Received { get; private set; }

    /// <summary>The last messages of a sequence, each with its place, an r when it was redelivered, and its time.</summary>
    public string History(int sequence)
    {
        const int Shown = 12;
        return string.Join(' ', _history.Where(entry => entry.Sequence == sequence).Select(entry => entry.Text).TakeLast(Shown));
    }

    public void Note(int sequence, int number, Offset? offset, bool isFlagged, TimeSpan at) =>
        _history.Add((sequence, string.Create(CultureInfo.InvariantCulture, $"{number}@{offset}{(isFlagged ? "r" : "")}/{at.TotalSeconds:0.00}")));

    /// <summary>False when it had come to this session before.</summary>
    public bool TryAdd(int sequence, int number)
    {
        if (_seen[sequence][number])
            return false;
        Received++;
        return _seen[sequence][number] = true;
    }

    /// <summary>The highest number of the sequence before this message; -1 when there was none.</summary>
    /// <param name="sequence">Which of the recipient's.</param>
    /// <param name="number">The message's.</param>
    /// <param name="epoch">Of its owner; null when it does not say whose it is, so that each counts as another's.</param>
    /// <returns>Of all, and of those of its owner.</returns>
    public (int Ever, int OfOwner) Raise(int sequence, int number, long? epoch)
    {
        var (ever, (ownersEpoch, ofOwner)) = (_highest[sequence], _highestOfOwner[sequence]);
        if (ownersEpoch is null || ownersEpoch != epoch)
            ofOwner = -1;
        _highest[sequence] = Math.Max(ever, number);
        _highestOfOwner[sequence] = (epoch, Math.Max(ofOwner, number));
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
