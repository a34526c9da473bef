using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// The book of a shard's one writer. It gives messages their places, knows which deliveries are not safe yet, and finds repeats.
/// The shard's grain opens and closes it; grains of its users on the same silo use it too, so it is safe to call from any thread.
/// </summary>
internal sealed class ShardLedger(
    ShardOutbox outbox,
    SettlementQueue settlements,
    OutboxOptions limits,
    MailboxOptions options,
    ShardMetrics metrics,
    TimeProvider time
)
{
    private readonly Lock _lock = new();
    private readonly UnsafeMessages _unsafe = new(outbox.Epoch);
    private readonly SharedDeliveries _shared = new();
    private readonly ReturningMessages _returning = new();
    private readonly RepeatWindows _repeats = new(options);

    // Each ends when what it has stored is settled, which is a moment behind its commit.
    private readonly HashSet<Task> _storing = [];
    private MailboxRows? _rows;
    private long _lastNumber;

    public int Shard => Outbox.Shard;

    public long Epoch => Outbox.Epoch;

    /// <summary>Until when edges may be about to register sessions again that the former owner knew (<see cref="TimeProviderExtensions.Uptime"/>).</summary>
    public TimeSpan GraceUntil { get; } = time.Uptime() + options.TakeoverGrace;

    /// <summary>Where its messages are stored.</summary>
    public ShardOutbox Outbox { get; } = outbox;

    /// <summary>Whether a newer owner has written, or the shard was given up. A closed ledger settles nothing more.</summary>
    public bool IsClosed => Outbox.IsClosed;

    /// <summary>Whether the shard is about to be given up: it takes nothing more.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Takes away what nobody is to get any more.</summary>
    public MailboxRows Rows => _rows ??= new MailboxRows(this, metrics, time);

    /// <summary>The place that was given last.</summary>
    public Place Newest
    {
        get
        {
            lock (_lock)
                return new Place(Epoch, _lastNumber);
        }
    }

    /// <summary>How many messages are neither delivered nor stored.</summary>
    public int Unsafe
    {
        get
        {
            lock (_lock)
                return _unsafe.Count;
        }
    }

    public void Leave() => IsLeaving = true;

    /// <summary>
    /// Reads what <see cref="Accept"/> has to know of a batch: which of its messages repeat one by their <c>message-id</c>. To be disposed of when the batch is
    /// accepted.
    /// </summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read.</exception>
    public async ValueTask<RepeatSearch> FindRepeatsAsync(IReadOnlyList<Offer> offers, CancellationToken cancellationToken)
    {
        if (offers.All(offer => offer.Notification.MessageId is null))
            return RepeatSearch.None;
        var search = new RepeatSearch(End);
        List<(string Mailbox, string MessageId)> unknown = [];
        lock (_lock)
        {
            _repeats.Begin(search);
            foreach (var offer in offers)
            {
                if (offer.Notification.MessageId is not { } messageId)
                    continue;
                // One that is in memory now may be in the outbox alone by the time that the others are looked up.
                if (_repeats.Knows(offer.User, messageId, out _))
                    search.Add(offer.User, messageId);
                else
                    unknown.Add((offer.User, messageId));
            }
        }
        try
        {
            // At once: a batch is to be answered in time though each look-up is a round trip.
            await Task.WhenAll(unknown.Distinct().GroupBy(each => each.Mailbox, each => each.MessageId).Select(FindAsync));
            return search;
        }
        catch
        {
            search.Dispose();
            throw;
        }

        async Task FindAsync(IGrouping<string, string> mailbox)
        {
            var stored = await Outbox.FindStoredAsync(mailbox.Key, [.. mailbox], cancellationToken);
            lock (_lock)
            {
                foreach (var messageId in stored)
                    search.Add(mailbox.Key, messageId);
            }
        }
    }

    /// <summary>Begins with a delivery. False when there is nothing to do for it: it is known already.</summary>
    /// <param name="delivery">The delivery, for its user.</param>
    /// <param name="mailboxes">Into how many of his mailboxes it goes: it is safe when it is safe in each of them.</param>
    public bool TryBegin(in DeliveryRef delivery, int mailboxes)
    {
        lock (_lock)
        {
            if (IsClosed || settlements.IsKnown(delivery) || _unsafe.Contains(delivery) || _shared.IsOpen(delivery))
                return false;
            if (_returning.IsNewChannel(delivery.Queue, delivery.ChannelEpoch))
            {
                _returning.Begin(delivery.Queue, delivery.ChannelEpoch, _unsafe.All);
                _shared.Forget(delivery.Queue, delivery.ChannelEpoch);
            }
            if (mailboxes > 1)
                _shared.Open(delivery, mailboxes);
            return true;
        }
    }

    /// <summary>
    /// Takes a delivery into one mailbox. False when it repeats a message there, by its <c>message-id</c> or as it came before by a channel that is closed.
    /// <paramref name="repeats"/> is what <see cref="FindRepeatsAsync"/> has found.
    /// </summary>
    public bool Accept(in DeliveryRef delivery, Offer offer, long twin, RepeatSearch repeats, [NotNullWhen(true)] out MailboxMessage? message)
    {
        message = null;
        lock (_lock)
        {
            if (IsClosed)
                return false;
            var now = time.Uptime();
            if (_returning.TryTake(delivery, offer, out var former))
            {
                ShareFateLocked(former.Message.Place.Number, delivery);
                return false;
            }
            var messageId = offer.Notification.MessageId;
            if (messageId is not null && (_repeats.Knows(offer.User, messageId, out var earlier) || repeats.Has(offer.User, messageId)))
            {
                ShareFateLocked(earlier, delivery);
                return false;
            }
            if (messageId is not null)
                _repeats.Add(offer.User, messageId, _lastNumber + 1, now);
            message = new MailboxMessage(new Place(Epoch, ++_lastNumber), offer.FilterKey, offer.Redelivered, offer.Notification, twin);
            _unsafe.Add(new UnsafeMessage(offer.User, message, delivery, now));
            metrics.MessageAccepted();
            return true;
        }
    }

    /// <summary>A message needs nothing more: a session settled it, it expired, or it is transient and was handed on.</summary>
    public void Settle(Place place)
    {
        if (place.Epoch != Epoch)
            return;
        lock (_lock)
            SettleUnstoredLocked(place.Number);
    }

    /// <summary>A message needs nothing more, and nobody was offered it: whoever sends it once more under its <c>message-id</c> does not repeat it.</summary>
    public void SettleUnoffered(string mailbox, MailboxMessage message)
    {
        if (message.Place.Epoch != Epoch)
            return;
        lock (_lock)
        {
            SettleUnstoredLocked(message.Place.Number);
            // By another activation or owner it may have been offered.
            if (!message.Redelivered && message.Notification.MessageId is { } messageId)
                _repeats.Remove(mailbox, messageId, message.Place.Number);
        }
    }

    /// <summary>Stores messages of a mailbox, all or none, and drops its oldest where limits are passed.</summary>
    /// <returns>The places that were dropped to make room.</returns>
    /// <exception cref="OutboxUnavailableException">Nothing was stored.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner; nothing was stored.</exception>
    public async Task<IReadOnlyList<Place>> StoreAsync(string mailbox, IReadOnlyList<StoredMessage> messages)
    {
        var storing = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
        {
            messages = _unsafe.TakeForStoring(messages);
            if (messages.Count == 0)
                return [];
            _storing.Add(storing.Task);
        }
        try
        {
            var dropped = await Outbox.AppendAsync(mailbox, messages);
            lock (_lock)
            {
                foreach (var message in messages)
                {
                    if (message.Notification.MessageId is { } messageId)
                        _repeats.OnStored(mailbox, messageId);
                    if (message.Place.Epoch == Epoch)
                        SettleLocked(message.Place.Number);
                }
            }
            return dropped;
        }
        catch
        {
            lock (_lock)
                _unsafe.GiveBack(messages);
            throw;
        }
        finally
        {
            lock (_lock)
                _storing.Remove(storing.Task);
            storing.SetResult();
        }
    }

    /// <summary>Stores all that is neither delivered nor stored, and settles what is being stored, once commits that are under way have taken effect.</summary>
    /// <param name="isOffered">Whether somebody may have been offered what is in a mailbox.</param>
    public async Task StoreRestAsync(Func<string, bool> isOffered)
    {
        var now = time.GetUtcNow();
        try
        {
            while (true)
            {
                List<IGrouping<string, UnsafeMessage>> rest;
                Task[] underWay;
                lock (_lock)
                    (rest, underWay) = ([.. _unsafe.NotBeingStored.GroupBy(message => message.Mailbox)], [.. _storing]);
                if (rest.Count == 0 && underWay.Length == 0)
                    return;
                // What a store under way does not store, as it fails, is among the rest then.
                await Task.WhenAll(rest.Select(StoreAllAsync).Concat(underWay));
            }
        }
        finally
        {
            await Outbox.LastCommit.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task StoreAllAsync(IGrouping<string, UnsafeMessage> mailbox)
        {
            foreach (var piece in CommitPieces.Of(mailbox, message => message.Message.Notification.Size))
                await StoreAsync(mailbox.Key, [.. piece.Select(message => message.Message.ToRow(mailbox.Key, isOffered(mailbox.Key), now, limits.TimeToLive))]);
        }
    }

    /// <summary>Takes away rows of a mailbox that were delivered or have outlived their time. When the store does not answer it is done later.</summary>
    /// <param name="mailbox">Its key.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="change">What their going means for the tally.</param>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public Task DeleteAsync(string mailbox, IReadOnlyList<StoredKey> rows, MailboxTally change)
    {
        lock (_lock)
        {
            var now = time.Uptime();
            foreach (var row in rows)
            {
                // A repeat of what was delivered just now is still a repeat.
                if (row.MessageId is { } messageId)
                    _repeats.Add(mailbox, messageId, 0, now);
            }
        }
        return Outbox.DeleteAsync(mailbox, rows, change);
    }

    /// <summary>Whether a message is not safe for longer than the time, or the shard has ended and does not know it yet.</summary>
    public bool IsOverdue(TimeSpan age)
    {
        lock (_lock)
            return IsClosed || _unsafe.OldestAcceptedAt <= time.Uptime() - age;
    }

    /// <summary>Messages that are not safe for longer than the time, with their mailboxes; oldest first.</summary>
    public IReadOnlyList<UnsafeMessage> FindOverdue(TimeSpan age)
    {
        lock (_lock)
            return _unsafe.AcceptedBefore(time.Uptime() - age);
    }

    /// <summary>A mailbox's messages that are not safe, in their order.</summary>
    public IReadOnlyList<MailboxMessage> UnsafeOf(string mailbox)
    {
        lock (_lock)
            return _unsafe.Of(mailbox);
    }

    /// <summary>Forgets what is not needed any more, and has the outbox repeat what it could not do.</summary>
    public Task TidyAsync()
    {
        lock (_lock)
            _repeats.Trim(time.Uptime());
        return Outbox.TidyAsync();
    }

    private void End(RepeatSearch search)
    {
        lock (_lock)
            _repeats.End(search);
    }

    private void ShareFateLocked(long first, in DeliveryRef repeat)
    {
        metrics.RepeatFound();
        if (!_unsafe.TryAddRepeat(first, repeat))
            TellSafe(repeat, time.Uptime());
    }

    /// <summary>It needs no row: one that was perhaps stored all the same is taken away.</summary>
    private void SettleUnstoredLocked(long number)
    {
        if (SettleLocked(number) is { } message)
            Outbox.Settle(message.Mailbox, message.Message.Place);
    }

    private UnsafeMessage? SettleLocked(long number)
    {
        if (IsClosed || !_unsafe.TryRemove(number, out var message))
            return null;
        foreach (var delivery in message.Deliveries)
            TellSafe(delivery, message.AcceptedAt);
        return message;
    }

    /// <summary>It is safe in one mailbox; the dispatcher, which knows the user alone, hears of it when it is in all.</summary>
    private void TellSafe(in DeliveryRef delivery, TimeSpan acceptedAt)
    {
        var whole = delivery with { User = MailboxKey.UserOf(delivery.User) };
        if (_shared.IsSafe(whole))
            settlements.Settle(whole, acceptedAt);
    }
}
