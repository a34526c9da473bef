using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// What becomes of a mailbox's messages that were offered. The first session that settles one settles it for all; one that is requeued is offered there again;
/// one that is rejected stays in its window until it is a dead letter. It moves nothing on by itself: behind each call windows have room.
/// </summary>
/// <param name="mailbox">The user, or the <see cref="MailboxKey"/> of a durable subscription.</param>
/// <param name="memory">The messages that are not on disk.</param>
/// <param name="subscribers">Who was offered them, and who has still to get them.</param>
/// <param name="bounds">What memory keeps for those who are late.</param>
/// <param name="stored">The messages that are on disk, and that somebody has.</param>
/// <param name="notices">What was told with the messages.</param>
/// <param name="ledger">The shard's book.</param>
/// <param name="metrics">Counts settlements.</param>
/// <param name="logger">Where failed reads are told.</param>
internal sealed class MailboxSettlements(
    string mailbox,
    MemoryQueue memory,
    SubscriberTable subscribers,
    MemoryBounds bounds,
    StoredMessages stored,
    DropNotices notices,
    ShardLedger ledger,
    UserMetrics metrics,
    ILogger logger
)
{
    private readonly List<Place> _twins = [];
    private readonly Dictionary<Place, HeldMessage> _rejected = [];

    /// <summary>Whether a rejected message is on its way to the dead letters.</summary>
    public bool HasRejected => _rejected.Count > 0;

    /// <summary>What became of messages at subscriptions of an edge.</summary>
    /// <returns>What is to be a dead letter, in that order: it stays in its window until <see cref="TryEndRejectionAsync"/>.</returns>
    public async Task<IReadOnlyList<HeldMessage>> SettleAsync(string edge, Settlement[] settlements)
    {
        var change = new MailboxChange();
        List<HeldMessage> rejected = [];
        foreach (var settlement in settlements)
        {
            if (
                subscribers.Find(edge, settlement.Subscription) is not { } subscriber
                || subscriber.FindOffered(settlement.Place) is not { } message
                || message.RejectedBy == subscriber
            )
                continue;
            subscriber.Heir = null;
            if (settlement is { Outcome: SettlementOutcome.Rejected } && message is { IsSettled: false, RejectedBy: null })
            {
                message.RejectedBy = subscriber;
                _rejected.Add(message.Place, message);
                rejected.Add(message);
                continue;
            }
            subscriber.Return(message.Place, out var told);
            if (settlement.Outcome == SettlementOutcome.Requeued)
                Requeue(message, subscriber, told);
            else if (settlement.Outcome == SettlementOutcome.Rejected && message.RejectedBy is not null)
                notices.Settle(told, change);
            else
                Settle(message, told, change);
        }
        await CommitAsync(change);
        return rejected;
    }

    /// <summary>A rejected message is a dead letter, and so settled; or it could not become one, and is offered again.</summary>
    /// <returns>False when it is none any more.</returns>
    public async Task<bool> TryEndRejectionAsync(Place place, bool isDeadLetter)
    {
        if (!_rejected.Remove(place, out var message))
            return false;
        var subscriber = message.RejectedBy!;
        message.RejectedBy = null;
        var isOffered = subscriber.Return(place, out var told) is not null;
        var change = new MailboxChange();
        if (isDeadLetter)
            Settle(message, told, change);
        else if (isOffered)
            Requeue(message, subscriber, told);
        else if (message is { IsSettled: false, Offers: 0 })
            OfferToAll(message);
        await CommitAsync(change);
        return true;
    }

    /// <summary>Another mailbox of the user's has delivered these: whoever is served here and has not been offered them is told that he missed them.</summary>
    public async Task SettleElsewhereAsync(Place[] places)
    {
        var change = new MailboxChange();
        try
        {
            foreach (var place in places)
            {
                var message = memory.Find(place) ?? stored.Find(place) ?? (await ledger.Rows.FindAsync(mailbox, place) is { } row ? HeldMessage.Of(row) : null);
                if (message is null || Finish(message) is not { } key)
                    continue;
                change.Remove(key, message.Size);
                if (message.Offers == 0)
                    stored.LetGo(message);
            }
        }
        catch (OutboxUnavailableException exception)
        {
            // He is given them once more.
            logger.ReadingFailed(exception);
        }
        await CommitAsync(change);
    }

    /// <summary>Places, in the user's own mailbox, of what was settled here since the last call.</summary>
    public Place[] TakeTwins()
    {
        Place[] twins = [.. _twins];
        _twins.Clear();
        return twins;
    }

    /// <summary>What was rejected is nobody's any more.</summary>
    public void ForgetRejected() => _rejected.Clear();

    /// <summary>A message has come back from a window, and is to be offered there again.</summary>
    private void Requeue(HeldMessage message, Subscriber subscriber, long told)
    {
        notices.Return(told);
        message.IsAttempted = true;
        if (!message.IsSettled)
            subscriber.OfferAgainLater(message);
        else if (message.Offers == 0)
            stored.LetGo(message);
    }

    /// <summary>A message has come back from a window, and its subscription needs it no more.</summary>
    /// <param name="message">The message.</param>
    /// <param name="told">What was told with it.</param>
    /// <param name="change">Gets what that means for the outbox.</param>
    private void Settle(HeldMessage message, long told, MailboxChange change)
    {
        notices.Settle(told, change);
        if (Finish(message) is { } row)
            change.Remove(row, message.Size);
        if (message.Offers == 0)
            stored.LetGo(message);
    }

    private Task CommitAsync(MailboxChange change) => change.IsEmpty ? Task.CompletedTask : ledger.DeleteAsync(mailbox, change.Rows, change.Tally);

    /// <summary>A message that nobody has in his window, as the session that had it is gone, is for those who are there now.</summary>
    private void OfferToAll(HeldMessage message)
    {
        // To one that has not come so far yet it comes by itself.
        foreach (var subscriber in subscribers.All.Where(subscriber => message.Place <= subscriber.Cursor && subscriber.Takes(message)))
            subscriber.OfferAgainLater(message);
        // That its row is a repeat is perhaps known here alone.
        if (!stored.OwesFlags && !stored.IsOfferedAgainLater(message))
            stored.LetGo(message);
    }

    /// <summary>The message has reached the user: the first who says so settles it.</summary>
    /// <returns>The row that has to go; null when it was not stored, or is gone already.</returns>
    private StoredKey? Finish(HeldMessage message)
    {
        if (message.IsSettled)
            return null;
        message.IsSettled = true;
        metrics.MessageSettled();
        if (message.Message.Twin > 0)
            _twins.Add(message.Place with { Number = message.Message.Twin });
        if (message.Row is not { } row)
        {
            if (message.IsPersistent)
                ledger.Settle(message.Place);
            return null;
        }
        // The row goes. For one that has no session, or is late, memory takes the message back, and whoever is there and lags gets it from there too; else he
        // is told.
        if (bounds.KeepsForLate || subscribers.All.Any(other => other.IsKept && other.Wants(message)))
        {
            message.Row = null;
            memory.Insert(message);
            return row.Key;
        }
        foreach (var other in subscribers.Served)
        {
            if (other.Wants(message))
                other.Miss();
        }
        return row.Key;
    }
}
