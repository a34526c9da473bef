using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>What a shard's ledger keeps about one user.</summary>
internal sealed class UserBook(DateTimeOffset now)
{
    /// <summary>Null as long as he was sent none with a <c>message-id</c>: most users have none, and there are many users.</summary>
    public RepeatWindow? Repeats { get; set; }

    /// <summary>The user's stored rows, with commits under way counted in.</summary>
    public MailboxTally Tally { get; set; }

    /// <summary>Whether <see cref="Tally"/> was read.</summary>
    public bool IsLoaded { get; set; }

    /// <summary>How many deliveries are neither delivered nor stored.</summary>
    public int Unsafe { get; set; }

    public DateTimeOffset UsedAt { get; set; } = now;

    /// <summary>Whether he was sent a message with this id lately.</summary>
    /// <param name="messageId">Its <c>message-id</c>.</param>
    /// <param name="number">The message's number; 0 for one that is not under way any more.</param>
    public bool Knows(string messageId, out long number)
    {
        number = 0;
        return Repeats is not null && Repeats.TryGet(messageId, out number);
    }

    public void Forget(string messageId)
    {
        Repeats?.Remove(messageId);
        DropIfEmpty();
    }

    public void Trim(DateTimeOffset now)
    {
        Repeats?.Trim(now);
        DropIfEmpty();
    }

    private void DropIfEmpty()
    {
        if (Repeats is { IsEmpty: true })
            Repeats = null;
    }
}
