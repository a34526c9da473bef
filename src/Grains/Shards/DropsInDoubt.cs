using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Rows that limits were to drop by commits that failed: they may be gone all the same. When that is known they are counted as dropped, and remembered until
/// whoever has one in hand is told. Used under a lock of its owner's.
/// </summary>
internal sealed class DropsInDoubt
{
    private readonly Dictionary<StoredKey, DroppedRow> _rows = [];

    /// <summary>A commit with these has failed.</summary>
    public void Add(IEnumerable<(StoredKey Key, int Size)> rows)
    {
        foreach (var (key, size) in rows)
            _rows[key] = new DroppedRow(key, size);
    }

    /// <summary>Those of a mailbox of which it is not known whether they are gone.</summary>
    public IReadOnlyList<DroppedRow> InDoubt(string mailbox) => Of(mailbox, isGone: false);

    /// <summary>Now it is known which are there.</summary>
    /// <param name="rows">What <see cref="InDoubt"/> gave before that was looked up.</param>
    /// <param name="there">The places of rows that are there.</param>
    /// <returns>What the going of the others means for the tally.</returns>
    public MailboxTally Resolve(IReadOnlyList<DroppedRow> rows, IReadOnlySet<Place> there)
    {
        var change = default(MailboxTally);
        foreach (var row in rows)
        {
            // Meanwhile somebody may have settled it, or another commit with it has failed.
            if (row.IsGone || _rows.GetValueOrDefault(row.Key) != row)
                continue;
            row.IsGone = !there.Contains(row.Key.Place);
            if (row.IsGone)
                change = new(change.Messages - 1, change.Bytes - row.Size, change.Dropped + 1);
            else
                _rows.Remove(row.Key);
        }
        return change;
    }

    /// <summary>Somebody has had these: what was counted of them as dropped is taken back.</summary>
    /// <param name="rows">The rows.</param>
    /// <param name="change">What else happens to the tally.</param>
    /// <returns>Both together.</returns>
    public MailboxTally Uncount(IReadOnlyList<StoredKey> rows, MailboxTally change)
    {
        if (_rows.Count == 0)
            return change;
        foreach (var key in rows)
        {
            if (_rows.GetValueOrDefault(key) is { IsGone: true } row)
                change = new(change.Messages + 1, change.Bytes + row.Size, change.Dropped - 1);
        }
        return change;
    }

    /// <summary>These are there, or are taken away because somebody has had them.</summary>
    public void Remove(IReadOnlyList<StoredKey> rows)
    {
        if (_rows.Count == 0)
            return;
        foreach (var key in rows)
            _rows.Remove(key);
    }

    /// <summary>The places of those of a mailbox that are gone; whoever asks tells who has one in hand.</summary>
    public IReadOnlyList<Place> TakeGone(string mailbox)
    {
        var gone = Of(mailbox, isGone: true);
        foreach (var row in gone)
            _rows.Remove(row.Key);
        return [.. gone.Select(row => row.Key.Place)];
    }

    // Mostly there are none at all, and each append asks.
    private IReadOnlyList<DroppedRow> Of(string mailbox, bool isGone) =>
        _rows.Count == 0 ? [] : [.. _rows.Values.Where(row => row.Key.User == mailbox && row.IsGone == isGone)];
}
