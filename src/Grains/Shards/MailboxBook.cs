using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>What the owner of a shard remembers of a mailbox's rows. Used under a lock of its owner's.</summary>
internal sealed class MailboxBook
{
    // What was counted before the tally could be read.
    private MailboxTally _uncounted;

    /// <summary>The stored rows, with commits under way counted in.</summary>
    public MailboxTally Tally { get; set; }

    /// <summary>Whether <see cref="Tally"/> was read.</summary>
    public bool IsLoaded { get; private set; }

    public int CommitsUnderWay { get; set; }

    public TimeSpan UsedAt { get; set; }

    /// <summary>The tally was read.</summary>
    public void Load(MailboxTally stored)
    {
        Tally = stored;
        IsLoaded = true;
        Count(_uncounted);
    }

    /// <summary>Counts a change of the rows.</summary>
    public void Count(MailboxTally change)
    {
        if (IsLoaded)
            Tally = new(
                Math.Max(0, Tally.Messages + change.Messages),
                Math.Max(0, Tally.Bytes + change.Bytes),
                Math.Max(0, Tally.Dropped + change.Dropped),
                Tally.NoticeAt
            );
        else
            _uncounted = new(_uncounted.Messages + change.Messages, _uncounted.Bytes + change.Bytes, _uncounted.Dropped + change.Dropped);
    }
}
