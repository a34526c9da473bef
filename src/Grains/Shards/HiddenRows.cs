using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Rows that nobody is to read, though the store has them or may have: those whose deletion it did not take, and those whose commit failed and may have taken
/// effect all the same. Used under a lock of its owner's.
/// </summary>
internal sealed class HiddenRows
{
    // Nobody is to get them any more, and the store still has them.
    private readonly HashSet<StoredKey> _toDelete = [];

    // Memory has their messages.
    private readonly Dictionary<(string Mailbox, Place Place), StoredKey> _inDoubt = [];

    /// <summary>All of them, as they are now.</summary>
    public HashSet<(string Mailbox, Place Place)> All => [.. _inDoubt.Keys, .. _toDelete.Select(row => (row.User, row.Place))];

    /// <summary>Mailboxes with rows that are still to be deleted.</summary>
    public IReadOnlyList<string> MailboxesToDeleteFrom => [.. _toDelete.Select(row => row.User).Distinct()];

    /// <summary>Mailboxes with rows that may have been stored: whoever has their messages stores them again, or settles them.</summary>
    public IReadOnlySet<string> MailboxesInDoubt => _inDoubt.Keys.Select(row => row.Mailbox).ToHashSet();

    /// <summary>A commit that was to add these has failed.</summary>
    public void OnAppendFailed(IEnumerable<StoredMessage> rows)
    {
        foreach (var row in rows)
            _inDoubt[(row.User, row.Place)] = row.Key;
    }

    /// <summary>These are stored, or dropped.</summary>
    public void OnAppended(IEnumerable<StoredMessage> rows)
    {
        foreach (var row in rows)
            _inDoubt.Remove((row.User, row.Place));
    }

    /// <summary>The message at a place needs no row: one that was perhaps stored is to be deleted.</summary>
    public void Settle(string mailbox, Place place)
    {
        if (_inDoubt.Remove((mailbox, place), out var row))
            _toDelete.Add(row);
    }

    /// <summary>A commit that was to delete these has failed.</summary>
    public void OnDeleteFailed(IEnumerable<StoredKey> rows) => _toDelete.UnionWith(rows);

    /// <summary>The rows of a mailbox that are still to be deleted.</summary>
    public StoredKey[] ToDeleteFrom(string mailbox) => [.. _toDelete.Where(row => row.User == mailbox)];

    /// <summary>These are gone.</summary>
    public void OnDeleted(IEnumerable<StoredKey> rows) => _toDelete.ExceptWith(rows);
}
