using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// What memory keeps of a user's messages, for whom, and what goes first. Beside what is not safe yet that is what somebody has still to get who lags, whose
/// session was lost, or who is late: edges register their sessions with a shard's next owner one after the other, and each is to get what it would have got as
/// the first.
/// </summary>
/// <param name="mailbox">The user, or the <see cref="MailboxKey"/> of a durable subscription.</param>
/// <param name="memory">The messages.</param>
/// <param name="subscribers">Who may want them.</param>
/// <param name="ledger">The shard's book.</param>
/// <param name="options">The bounds.</param>
/// <param name="time">The clock.</param>
internal sealed class MemoryBounds(
    string mailbox,
    MemoryQueue memory,
    SubscriberTable subscribers,
    ShardLedger ledger,
    MailboxOptions options,
    TimeProvider time
)
{
    /// <summary>What late sessions have missed; null when the grace for them is over.</summary>
    public MissedMessages? MissedByLate { get; private set; } = time.Uptime() < ledger.GraceUntil ? new() : null;

    /// <summary>
    /// The shard was taken just now: what the user's sessions have had is kept for others that the former owner knew and that are not here yet, until
    /// <see cref="TryEndGrace"/>.
    /// </summary>
    public bool KeepsForLate => MissedByLate is not null;

    public bool IsOverfull => IsBeyond(memory.Count, memory.Bytes);

    /// <summary>Takes in a new message, if somebody is to get it.</summary>
    public void Add(HeldMessage message)
    {
        if (message.IsPersistent || IsWanted(message))
            memory.Add(message);
        else
            LetGo(message);
    }

    /// <summary>Lets go of what everybody who wants it was offered, and what is settled or was never owed, up to the first that is still to stay.</summary>
    public void Trim() => memory.TrimOldest(IsNeedless, LetGo);

    /// <summary>Keeps to the bounds, but for what is not safe. Who wants what goes is told that he has missed it.</summary>
    public void Shrink()
    {
        memory.RemoveAll(IsNeedless, LetGo);
        // Who is late may be nobody: first goes what only they could want.
        DropOldest(message => !subscribers.Want(message));
        DropOldest(_ => true);
    }

    /// <summary>What was kept for late sessions is so no more, when the time for that is over.</summary>
    /// <returns>Whether it was kept until now.</returns>
    public bool TryEndGrace()
    {
        if (!KeepsForLate || time.Uptime() < ledger.GraceUntil)
            return false;
        MissedByLate = null;
        return true;
    }

    /// <summary>Late sessions are told nothing of what has gone until now.</summary>
    public void ForgetMissed()
    {
        if (KeepsForLate)
            MissedByLate = new();
    }

    private bool IsBeyond(int messages, long bytes) => messages > options.MaxMessagesInMemory || bytes > options.MaxBytesInMemory;

    private bool IsNeedless(HeldMessage message) => !message.IsUnsafe && !IsWanted(message);

    private bool IsWanted(HeldMessage message) => KeepsForLate || subscribers.Want(message);

    private void DropOldest(Predicate<HeldMessage> match)
    {
        var (messages, bytes) = (memory.Count, memory.Bytes);
        memory.RemoveAll(
            message => IsBeyond(messages, bytes) && !message.IsUnsafe && match(message),
            message =>
            {
                messages--;
                bytes -= message.Size;
                foreach (var subscriber in subscribers.All.Where(subscriber => subscriber.Wants(message)))
                    subscriber.Miss();
                MissedByLate?.Add(message.Message);
                LetGo(message);
            }
        );
    }

    /// <summary>When nobody has got it, sent again it is no repeat.</summary>
    private void LetGo(HeldMessage message)
    {
        if (message.IsUntouched)
            ledger.SettleUnoffered(mailbox, message.Message);
    }
}
