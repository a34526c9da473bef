using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>What the owner of a shard remembers of a mailbox's rows.</summary>
internal sealed class MailboxBook
{
    /// <summary>The stored rows, with commits under way counted in.</summary>
    public MailboxTally Tally { get; set; }

    /// <summary>Whether <see cref="Tally"/> was read.</summary>
    public bool IsLoaded { get; set; }

    public int CommitsUnderWay { get; set; }

    public DateTimeOffset UsedAt { get; set; }
}
