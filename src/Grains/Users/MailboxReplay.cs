using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// Finds what a subscription is to be offered next: what it gave back, then rows of the outbox and messages in memory in the order of their places.
/// </summary>
internal sealed class MailboxReplay(string mailbox, ShardLedger ledger, TimeProvider time)
{
    // One read of the outbox: large enough to fill a link's batch, small enough to be thrown away when a window closes.
    private const int MaxRows = 128;
    private const int MaxBytes = 256 * 1024;

    /// <summary>Whether there is surely nothing for the subscription now: mostly so, behind a settlement.</summary>
    public bool IsAtEnd(Subscriber subscriber, MemoryQueue memory) =>
        !subscriber.HasRoom || (!subscriber.IsReplaying && !subscriber.HasToOfferAgain && memory.NextAfter(subscriber.Cursor) is null);

    /// <summary>
    /// Goes on while the subscription has room, and moves its cursor. Whoever takes a message puts it into the subscription's window before asking for the
    /// next.
    /// </summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read; the cursor stands before what was not read.</exception>
    public async IAsyncEnumerable<(HeldMessage Message, bool IsRedelivered)> NextAsync(Subscriber subscriber, MemoryQueue memory, StoredMessages stored)
    {
        while (subscriber.HasRoom)
        {
            if (subscriber.TryTakeAgain(out var again))
            {
                if (!again.Message.IsExpired(time.GetUtcNow()))
                    yield return (again, true);
                continue;
            }
            if (subscriber.IsReplaying)
            {
                var rows = await ledger.Outbox.ReadAsync(
                    mailbox,
                    subscriber.Cursor,
                    Math.Min(MaxRows, subscriber.RoomForMessages),
                    Math.Min(MaxBytes, subscriber.RoomForBytes)
                );
                foreach (var row in rows)
                {
                    while (memory.NextAfter(subscriber.Cursor) is { } older && older.Place < row.Place)
                    {
                        if (!subscriber.HasRoom)
                            yield break;
                        if (Advance(subscriber, older))
                            yield return (older, IsRedelivered(subscriber, older));
                    }
                    if (!subscriber.HasRoom)
                        yield break;
                    subscriber.Cursor = row.Place;
                    if (row.ExpiresAt <= time.GetUtcNow().ToUnixTimeMilliseconds() || !subscriber.Matches(row.Notification.Exchange, row.FilterKey))
                        continue;
                    var message = stored.Find(row.Place) ?? HeldMessage.Of(row);
                    if (!message.IsSettled)
                        yield return (message, IsRedelivered(subscriber, message));
                }
                subscriber.IsReplaying = rows.Count > 0;
                continue;
            }
            if (memory.NextAfter(subscriber.Cursor) is not { } next)
                yield break;
            if (Advance(subscriber, next))
                yield return (next, IsRedelivered(subscriber, next));
        }
    }

    /// <summary>Moves the cursor to a message in memory. False when it is not to be offered.</summary>
    private bool Advance(Subscriber subscriber, HeldMessage message)
    {
        subscriber.Cursor = message.Place;
        if (!subscriber.Takes(message))
            return false;
        if (!message.Message.IsExpired(time.GetUtcNow()))
            return true;
        if (message.IsUntouched)
            ledger.SettleUnoffered(mailbox, message.Message);
        else if (!message.IsSettled)
            ledger.Settle(message.Place);
        message.IsSettled = true;
        return false;
    }

    private static bool IsRedelivered(Subscriber subscriber, HeldMessage message) =>
        message.IsAttempted || message.Message.Redelivered || subscriber.IsRepeat(message);
}
