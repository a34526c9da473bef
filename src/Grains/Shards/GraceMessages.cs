using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Transient messages for somebody who is not there and may be about to register with the shard's new owner: the newest of them, and how many others there
/// were. It belongs to a lane.
/// </summary>
/// <param name="mailbox">The user, or the <see cref="MailboxKey"/> of a durable subscription.</param>
/// <param name="ledger">The shard's book.</param>
internal sealed class GraceMessages(string mailbox, ShardLedger ledger)
{
    // The oldest go first, and are counted.
    private const int MaxHeld = 100;

    private readonly Queue<MailboxMessage> _held = [];

    public bool IsEmpty => _held.Count == 0;

    public MailboxMessage[] Held => [.. _held];

    /// <summary>Those that were too many to be held.</summary>
    public MissedMessages Missed { get; private set; } = new();

    public void Hold(MailboxMessage message)
    {
        ledger.Settle(message.Place);
        if (_held.Count == MaxHeld)
        {
            Missed.Add(_held.Peek());
            ledger.SettleUnoffered(mailbox, _held.Dequeue());
        }
        _held.Enqueue(message);
    }

    /// <summary>Nobody came in time: sent again they are no repeats.</summary>
    public void LetGo()
    {
        foreach (var message in _held)
            ledger.SettleUnoffered(mailbox, message);
        Clear();
    }

    /// <summary>They are somebody else's now, or nobody's.</summary>
    public void Clear()
    {
        _held.Clear();
        Missed = new MissedMessages();
    }
}
