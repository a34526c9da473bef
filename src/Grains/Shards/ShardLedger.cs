using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// The book of a shard's one writer. It gives messages their places, knows which deliveries are not safe yet, finds repeats, and writes the users' rows under its epoch.
/// The shard's grain opens and closes it; grains of its users on the same silo use it too, so it is safe to call from any thread.
/// </summary>
internal sealed class ShardLedger(
    int shard, long epoch, IOutboxStore store, SettlementQueue settlements, OutboxOptions limits, MailboxOptions options, NoticePlan notices, ShardMetrics metrics, TimeProvider time)
{
    // Rows of a user that are looked at in one go, to be dropped or ended: far fewer calls than rows, and not much memory.
    private const int ReadBatch = 256;

    private readonly Lock _lock = new();
    private readonly UnsafeMessages _unsafe = new(epoch);
    private readonly SharedDeliveries _shared = new();
    private readonly Dictionary<string, UserBook> _books = [];

    // Rows that nobody is to get any more, and that the store still has.
    private readonly HashSet<StoredKey> _deletesToRepeat = [];
    private readonly CancellationTokenSource _ended = new();
    private MailboxRows? _rows;
    private long _lastNumber;
    private Task _lastCommit = Task.CompletedTask;

    public int Shard { get; } = shard;

    public long Epoch { get; } = epoch;

    /// <summary>Whether a newer owner has written, or the shard was given up. A closed ledger settles nothing more.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Whether the shard is about to be given up: it takes nothing more.</summary>
    public bool IsLeaving { get; private set; }

    /// <summary>Takes away what nobody is to get any more.</summary>
    public MailboxRows Rows => _rows ??= new MailboxRows(this, metrics, time);

    /// <summary>When it is told that messages wait.</summary>
    public NoticePlan Notices { get; } = notices;

    /// <summary>Cancelled when the ledger is closed.</summary>
    public CancellationToken Ended => _ended.Token;

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

    public void Close()
    {
        lock (_lock)
            IsClosed = true;
        _ended.Cancel();
    }

    /// <summary>Reads what <see cref="Accept"/> has to know about the users of a batch: their tallies, and which <c>message-id</c>s are stored already.</summary>
    public async ValueTask<IReadOnlySet<(string User, string MessageId)>> PrepareAsync(IReadOnlyList<Offer> offers, CancellationToken cancellationToken)
    {
        HashSet<(string, string)>? stored = null;
        foreach (var offer in offers)
        {
            var book = await BookAsync(offer.User, cancellationToken);
            if (offer.Notification.MessageId is not { } messageId || book.Tally.Messages == 0)
                continue;
            lock (_lock)
            {
                if (book.Knows(messageId, out _))
                    continue;
            }
            if (await store.FindAsync(Shard, offer.User, messageId, cancellationToken) is not null)
                (stored ??= []).Add((offer.User, messageId));
        }
        return stored is null ? FrozenSet<(string, string)>.Empty : stored;
    }

    /// <summary>Begins with a delivery. False when there is nothing to do for it: it is known already.</summary>
    /// <param name="delivery">The delivery, for its user.</param>
    /// <param name="mailboxes">Into how many of his mailboxes it goes: it is safe when it is safe in each of them.</param>
    public bool TryBegin(in DeliveryRef delivery, int mailboxes)
    {
        lock (_lock)
        {
            if (IsClosed || settlements.IsUnderWay(delivery) || _unsafe.Contains(delivery) || _shared.IsOpen(delivery))
                return false;
            if (mailboxes > 1)
                _shared.Open(delivery, mailboxes);
            return true;
        }
    }

    /// <summary>Takes a delivery into one mailbox. False when it repeats a message there. <paramref name="stored"/> is what <see cref="PrepareAsync"/> has found.</summary>
    public bool Accept(
        in DeliveryRef delivery, Offer offer, long twin, IReadOnlySet<(string User, string MessageId)> stored, [NotNullWhen(true)] out MailboxMessage? message)
    {
        message = null;
        lock (_lock)
        {
            if (IsClosed)
                return false;
            var now = time.GetUtcNow();
            var book = Book(offer.User, now);
            if (offer.Notification.MessageId is { } messageId)
            {
                if (book.Knows(messageId, out var earlier) || stored.Contains((offer.User, messageId)))
                {
                    metrics.RepeatFound();
                    if (!_unsafe.TryAddRepeat(earlier, delivery))
                        TellSafe(delivery);
                    return false;
                }
                Remember(book, messageId, _lastNumber + 1, now);
            }
            message = new MailboxMessage(new Place(Epoch, ++_lastNumber), offer.FilterKey, offer.Redelivered, offer.Notification, twin);
            _unsafe.Add(new UnsafeMessage(offer.User, message, delivery, now));
            book.Unsafe++;
            book.UsedAt = now;
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
            SettleLocked(place.Number);
    }

    /// <summary>Stores messages of a user, all or none, and drops his oldest where limits are passed.</summary>
    /// <returns>The places that were dropped to make room.</returns>
    /// <exception cref="OutboxUnavailableException">Nothing was stored.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner; nothing was stored.</exception>
    public async Task<IReadOnlyList<Place>> StoreAsync(string user, IReadOnlyList<StoredMessage> messages)
    {
        var book = await BookAsync(user, CancellationToken.None);
        lock (_lock)
            messages = _unsafe.TakeForStoring(messages);
        try
        {
            return await StoreTakenAsync(user, book, messages);
        }
        catch
        {
            lock (_lock)
                _unsafe.GiveBack(messages);
            throw;
        }
    }

    /// <summary>Stores all that is neither delivered nor stored, once commits that are under way have taken effect.</summary>
    /// <param name="isOffered">Whether a user may have been offered it.</param>
    public async Task StoreRestAsync(Func<string, bool> isOffered)
    {
        IEnumerable<IGrouping<string, UnsafeMessage>> rest;
        Task underWay;
        lock (_lock)
        {
            rest = [.. _unsafe.NotBeingStored.GroupBy(message => message.User)];
            underWay = _lastCommit;
        }
        var now = time.GetUtcNow();
        await Task.WhenAll(rest.Select(user => StoreAsync(user.Key, [.. user.Select(message => message.Message.ToRow(user.Key, isOffered(user.Key), now, limits.TimeToLive))])).Append(underWay));
    }

    private async Task<IReadOnlyList<Place>> StoreTakenAsync(string user, UserBook book, IReadOnlyList<StoredMessage> messages)
    {
        if (messages.Count == 0)
            return [];
        var added = messages.Sum(message => (long)message.Notification.Size);
        var dropped = await FindOverflowAsync(user, book, messages, added);
        // Where there are more new ones than the limits allow, the oldest of them go without being stored.
        var kept = dropped.Count == 0 ? messages : [.. messages.Where(message => dropped[^1].Place < message.Place)];
        Task commit;
        MailboxTally change;
        lock (_lock)
        {
            change = new MailboxTally(messages.Count - dropped.Count, added - dropped.Sum(row => (long)row.Notification.Size), dropped.Count);
            commit = CommitLocked(user, book, change, kept, [.. dropped.Select(row => row.Key)]);
        }
        await ConfirmAsync(book, change, commit);
        lock (_lock)
        {
            foreach (var message in messages)
            {
                // From here the outbox finds repeats by itself.
                if (message.Notification.MessageId is { } messageId)
                    book.Forget(messageId);
                if (message.Place.Epoch == Epoch)
                    SettleLocked(message.Place.Number);
            }
        }
        metrics.MessagesStored(kept.Count);
        metrics.MessagesDropped(dropped.Count);
        return [.. dropped.Select(row => row.Place)];
    }

    /// <summary>Stores again rows that are there, now marked as attempted.</summary>
    public async Task MarkAttemptedAsync(string user, IReadOnlyList<StoredMessage> messages)
    {
        Task commit;
        var book = await BookAsync(user, CancellationToken.None);
        lock (_lock)
            commit = CommitLocked(user, book, default, [.. messages.Select(message => message with { Attempted = true })], []);
        await ConfirmAsync(book, default, commit);
    }

    /// <summary>Takes away rows of a user that were delivered or have outlived their time. When the store does not answer it is done later. <paramref name="change"/> is what their going means for the tally.</summary>
    public async Task DeleteAsync(string user, IReadOnlyList<StoredKey> rows, MailboxTally change)
    {
        Task commit;
        var book = await BookAsync(user, CancellationToken.None);
        lock (_lock)
        {
            var now = time.GetUtcNow();
            foreach (var row in rows)
            {
                // A repeat of what was delivered just now is still a repeat.
                if (row.MessageId is { } messageId)
                    Remember(book, messageId, 0, now);
            }
            commit = CommitLocked(user, book, change, [], rows);
        }
        try
        {
            await commit;
        }
        catch (OutboxUnavailableException)
        {
            lock (_lock)
                _deletesToRepeat.UnionWith(rows);
        }
    }

    /// <summary>Gives a user's tally another <see cref="MailboxTally.NoticeAt"/>, or writes the one that it has once more.</summary>
    /// <exception cref="OutboxUnavailableException">It was not written; the next commit for the user writes it too.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public async Task ChangeNoticeAsync(string user, Func<MailboxTally, MailboxTally> change)
    {
        Task commit;
        var book = await BookAsync(user, CancellationToken.None);
        lock (_lock)
        {
            book.Tally = change(book.Tally);
            commit = CommitLocked(user, book, default, [], []);
        }
        await ConfirmAsync(book, default, commit);
    }

    /// <summary>A user has come or gone: that messages wait for him is due a full time from now. When that cannot be written now the next commit for him does it.</summary>
    public async Task RenewNoticeAsync(string user)
    {
        if (!Notices.IsActive)
            return;
        try
        {
            if ((await TallyAsync(user)).Messages > 0)
                await ChangeNoticeAsync(user, Notices.Renew);
        }
        catch (Exception exception) when (exception is OutboxUnavailableException or StaleEpochException)
        {
            // Whoever owns the shard next finds the time that is stored, and looks whether the user is there.
        }
    }

    /// <summary>Writes that durable subscriptions begin or are as given, or that they end.</summary>
    /// <exception cref="OutboxUnavailableException">Nothing was written.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public async Task ChangeDurablesAsync(IReadOnlyList<DurableMailbox> kept, IReadOnlyList<DurableMailbox> ended)
    {
        Task commit;
        lock (_lock)
        {
            if (IsClosed)
                throw new StaleEpochException(Shard, Epoch, Epoch);
            commit = _lastCommit = store.CommitAsync(new OutboxCommit(Shard, Epoch, [], [], []) { DurablesKept = kept, DurablesEnded = ended });
        }
        try
        {
            await commit;
        }
        catch (StaleEpochException)
        {
            Close();
            throw;
        }
    }

    /// <summary>Reads rows of a user behind a place, without those that only could not be taken away yet. Empty when there are no more.</summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read.</exception>
    public async Task<IReadOnlyList<StoredMessage>> ReadAsync(string user, Place after, int maxCount, int maxBytes)
    {
        // As of before the read: what is taken away meanwhile may still be among the rows.
        HashSet<StoredKey> gone;
        lock (_lock)
            gone = _deletesToRepeat.Count == 0 ? [] : [.. _deletesToRepeat];
        while (true)
        {
            var rows = await store.ReadAsync(Shard, user, after, maxCount, maxBytes, CancellationToken.None);
            if (gone.Count == 0 || rows.Count == 0)
                return rows;
            List<StoredMessage> left = [.. rows.Where(row => !gone.Contains(row.Key))];
            if (left.Count > 0)
                return left;
            after = rows[^1].Place;
        }
    }

    public async ValueTask<MailboxTally> TallyAsync(string user) => (await BookAsync(user, CancellationToken.None)).Tally;

    /// <summary>Whether a message is not safe for longer than the time, or the shard has ended and does not know it yet.</summary>
    public bool IsOverdue(TimeSpan age)
    {
        lock (_lock)
            return IsClosed || _unsafe.OldestAcceptedAt <= time.GetUtcNow() - age;
    }

    /// <summary>Messages that are not safe for longer than the time, with their users; oldest first.</summary>
    public IReadOnlyList<UnsafeMessage> FindOverdue(TimeSpan age)
    {
        lock (_lock)
            return _unsafe.AcceptedBefore(time.GetUtcNow() - age);
    }

    /// <summary>A user's messages that are not safe, in their order.</summary>
    public IReadOnlyList<MailboxMessage> UnsafeOf(string user)
    {
        lock (_lock)
            return _unsafe.Of(user);
    }

    /// <summary>Repeats deletions that the store did not take, and forgets users who have had nothing for a while.</summary>
    public async Task TidyAsync()
    {
        StoredKey[] deletes;
        Task commit;
        lock (_lock)
        {
            var now = time.GetUtcNow();
            foreach (var (user, book) in _books)
            {
                book.Trim(now);
                if (book.Unsafe == 0 && book.Repeats is null && now - book.UsedAt > TimeSpan.FromMinutes(1))
                    _books.Remove(user);
            }
            if (_deletesToRepeat.Count == 0 || IsClosed)
                return;
            deletes = [.. _deletesToRepeat];
            commit = store.CommitAsync(new OutboxCommit(Shard, Epoch, [], deletes, []));
        }
        try
        {
            await commit;
            lock (_lock)
                _deletesToRepeat.ExceptWith(deletes);
        }
        catch (OutboxUnavailableException)
        {
            // Next time.
        }
    }

    private async ValueTask<UserBook> BookAsync(string user, CancellationToken cancellationToken)
    {
        UserBook book;
        lock (_lock)
        {
            book = Book(user, time.GetUtcNow());
            if (book.IsLoaded)
                return book;
        }
        var tally = await store.ReadTallyAsync(Shard, user, cancellationToken);
        lock (_lock)
        {
            // Whoever was first may have written meanwhile.
            if (!book.IsLoaded)
            {
                book.Tally = tally;
                book.IsLoaded = true;
            }
            return book;
        }
    }

    private void Remember(UserBook book, string messageId, long number, DateTimeOffset now) =>
        (book.Repeats ??= new RepeatWindow(options.MaxRepeatIds, options.RepeatWindow)).Add(messageId, number, now);

    private UserBook Book(string user, DateTimeOffset now)
    {
        if (!_books.TryGetValue(user, out var book))
            _books[user] = book = new UserBook(now);
        book.UsedAt = now;
        return book;
    }

    /// <summary>Which messages have to go, oldest first: of those that are stored, then of the new ones. The newest is always kept.</summary>
    private async Task<List<StoredMessage>> FindOverflowAsync(string user, UserBook book, IReadOnlyList<StoredMessage> added, long addedBytes)
    {
        List<StoredMessage> dropped = [];
        var messages = book.Tally.Messages + added.Count;
        var bytes = book.Tally.Bytes + addedBytes;
        var after = Place.Start;
        IReadOnlyList<StoredMessage> rows;
        do
        {
            if (!IsOver())
                return dropped;
            rows = await ReadAsync(user, after, ReadBatch, int.MaxValue);
            foreach (var row in rows.Count > 0 ? rows : added.SkipLast(1))
            {
                if (!IsOver())
                    return dropped;
                dropped.Add(row);
                messages--;
                bytes -= row.Notification.Size;
                after = row.Place;
            }
        }
        while (rows.Count > 0);
        return dropped;

        bool IsOver() => messages > limits.MaxMessagesPerUser || bytes > limits.MaxBytesPerUser;
    }

    /// <summary>Begins a commit; called under the lock so that tallies are written in the order in which they were counted.</summary>
    private Task CommitLocked(string user, UserBook book, MailboxTally change, IReadOnlyList<StoredMessage> appends, IReadOnlyList<StoredKey> deletes)
    {
        if (IsClosed)
            return Task.FromException(new StaleEpochException(Shard, Epoch, Epoch));
        book.Tally = Add(book.Tally, change);
        // What waits for a device is waiting for its user as well.
        if (!MailboxKey.IsDurable(user))
            book.Tally = Notices.Keep(book.Tally);
        book.UsedAt = time.GetUtcNow();
        return _lastCommit = store.CommitAsync(new OutboxCommit(Shard, Epoch, appends, deletes, [new UserTally(user, book.Tally)]));
    }

    private async Task ConfirmAsync(UserBook book, MailboxTally change, Task commit)
    {
        try
        {
            await commit;
        }
        catch (StaleEpochException)
        {
            Close();
            throw;
        }
        catch (OutboxUnavailableException)
        {
            lock (_lock)
                book.Tally = Add(book.Tally, new MailboxTally(-change.Messages, -change.Bytes, -change.Dropped));
            throw;
        }
    }

    private void SettleLocked(long number)
    {
        if (IsClosed || !_unsafe.TryRemove(number, out var message))
            return;
        foreach (var delivery in message.Deliveries)
            TellSafe(delivery);
        if (_books.TryGetValue(message.User, out var book))
            book.Unsafe--;
    }

    /// <summary>It is safe in one mailbox; the dispatcher, which knows the user alone, hears of it when it is in all.</summary>
    private void TellSafe(in DeliveryRef delivery)
    {
        var whole = delivery with { User = MailboxKey.UserOf(delivery.User) };
        if (_shared.IsSafe(whole))
            settlements.Settle(whole);
    }

    private static MailboxTally Add(MailboxTally tally, MailboxTally change) =>
        new(Math.Max(0, tally.Messages + change.Messages), Math.Max(0, tally.Bytes + change.Bytes), Math.Max(0, tally.Dropped + change.Dropped), tally.NoticeAt);
}
