using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>What a shard's ledger keeps about one user.</summary>
internal sealed class UserBook(RepeatWindow repeats, DateTimeOffset now)
{
    public RepeatWindow Repeats { get; } = repeats;

    /// <summary>The user's stored rows, with commits under way counted in.</summary>
    public MailboxTally Tally { get; set; }

    /// <summary>Whether <see cref="Tally"/> was read.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>How many deliveries are neither delivered nor stored.</summary>
    public int Unsafe { get; set; }

    public DateTimeOffset UsedAt { get; set; } = now;
}
