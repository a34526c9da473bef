using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Users;

/// <summary>What settlements mean for a mailbox in the outbox: rows that go, and what that does to its tally.</summary>
internal sealed class MailboxChange
{
    private readonly List<StoredKey> _rows = [];

    public IReadOnlyList<StoredKey> Rows => _rows;

    public MailboxTally Tally { get; private set; }

    public bool IsEmpty => _rows.Count == 0 && Tally == default;

    /// <summary>A row goes.</summary>
    /// <param name="row">The row.</param>
    /// <param name="size">Bytes of its message.</param>
    public void Remove(StoredKey row, int size)
    {
        _rows.Add(row);
        Tally = Tally with { Messages = Tally.Messages - 1, Bytes = Tally.Bytes - size };
    }

    /// <summary>A client knows of messages that were dropped.</summary>
    /// <param name="dropped">How many.</param>
    public void Tell(long dropped) => Tally = Tally with { Dropped = Tally.Dropped - dropped };
}
