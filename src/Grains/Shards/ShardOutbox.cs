using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// The outbox as the owner of one shard writes it: every commit under its epoch, with the tally of the mailbox that it changes. A commit that the store refuses
/// ends the ownership. Safe to call from any thread.
/// </summary>
internal sealed class ShardOutbox(int shard, long epoch, IOutboxStore store, OutboxOptions limits, NoticePlan notices, ShardMetrics metrics, TimeProvider time)
{
    // Rows of a mailbox that are looked at in one go, to be dropped: far fewer calls than rows, and not much memory.
    private const int ReadBatch = 256;

    // Bodies are read along: a database gives a read some seconds.
    private const int MaxReadBytes = 1 << 20;

    private readonly Lock _lock = new();
    private readonly MailboxBooks _books = new(time);
    private readonly HiddenRows _hidden = new();
    private readonly DropsInDoubt _drops = new();
    private readonly CancellationTokenSource _ended = new();
    private volatile bool _isClosed;
    private Task _lastCommit = Task.CompletedTask;

    public int Shard { get; } = shard;

    public long Epoch { get; } = epoch;

    /// <summary>Whether a newer owner has written, or the shard was given up.</summary>
    public bool IsClosed => _isClosed;

    /// <summary>Cancelled when it is closed.</summary>
    public CancellationToken Ended => _ended.Token;

    /// <summary>The commit that was begun last; those before it take effect before it does.</summary>
    public Task LastCommit
    {
        get
        {
            lock (_lock)
                return _lastCommit;
        }
    }

    /// <summary>Nothing more is written.</summary>
    public void Close()
    {
        lock (_lock)
            _isClosed = true;
        _ended.Cancel();
    }

    /// <summary>How much a mailbox has, with commits under way counted in.</summary>
    /// <exception cref="OutboxUnavailableException">It cannot be read.</exception>
    public async ValueTask<MailboxTally> TallyAsync(string mailbox) => (await BookAsync(mailbox, CancellationToken.None)).Tally;

    /// <summary>Of <c>message-id</c>s, those whose messages are stored.</summary>
    /// <exception cref="OutboxUnavailableException">That cannot be read.</exception>
    public async Task<IEnumerable<string>> FindStoredAsync(string mailbox, IReadOnlyList<string> messageIds, CancellationToken cancellationToken)
    {
        if ((await BookAsync(mailbox, cancellationToken)).Tally.Messages == 0)
            return [];
        var places = await Task.WhenAll(messageIds.Select(messageId => store.FindAsync(Shard, mailbox, messageId, cancellationToken)));
        return messageIds.Where((_, index) => places[index] is not null);
    }

    /// <summary>
    /// Reads rows of a mailbox behind a place, without those that only could not be taken away yet, and those of which it is not known whether they were
    /// stored. Empty when there are no more.
    /// </summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read.</exception>
    public Task<IReadOnlyList<StoredMessage>> ReadAsync(string mailbox, Place after, int maxCount, int maxBytes) =>
        ReadAsync(after, from => store.ReadAsync(Shard, mailbox, from, maxCount, maxBytes, CancellationToken.None));

    /// <summary>The same of those rows alone whose time has ended at <paramref name="now"/>, in milliseconds since the Unix epoch.</summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read.</exception>
    public Task<IReadOnlyList<StoredMessage>> ReadExpiredAsync(string mailbox, long now, Place after, int maxCount, int maxBytes) =>
        ReadAsync(after, from => store.ReadExpiredAsync(Shard, mailbox, now, from, maxCount, maxBytes, CancellationToken.None));

    /// <summary>Adds rows to a mailbox, all or none, and drops its oldest where limits are passed.</summary>
    /// <returns>
    /// The places that were dropped to make room, by calls before, too, that have failed; of more new ones than the limits allow, the oldest are among them.
    /// </returns>
    /// <exception cref="OutboxUnavailableException">Nothing was stored, or it was and the answer was lost: until it is stored again or <see cref="Settle"/> is
    /// called the rows are not read.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner; nothing was stored.</exception>
    public async Task<IReadOnlyList<Place>> AppendAsync(string mailbox, IReadOnlyList<StoredMessage> messages)
    {
        await ResolveDropsAsync(mailbox);
        var added = messages.Sum(message => (long)message.Notification.Size);
        var dropped = await FindOverflowAsync(mailbox, messages, added);
        var kept = dropped.Count == 0 ? messages : [.. messages.Where(message => dropped[^1].Key.Place < message.Place)];
        var change = new MailboxTally(messages.Count - dropped.Count, added - dropped.Sum(row => (long)row.Size), dropped.Count);
        try
        {
            await CommitAsync(mailbox, change, kept, [.. dropped.Select(row => row.Key)]);
        }
        catch (OutboxUnavailableException)
        {
            lock (_lock)
            {
                _hidden.OnAppendFailed(kept);
                // New ones among them are in memory, and are chosen anew.
                _drops.Add(dropped.Where(row => row.Key.Place < messages[0].Place));
            }
            throw;
        }
        IReadOnlyList<Place> before;
        lock (_lock)
        {
            before = _drops.TakeGone(mailbox);
            _hidden.OnAppended(messages);
        }
        metrics.MessagesStored(kept.Count);
        metrics.MessagesDropped(dropped.Count);
        return [.. before, .. dropped.Select(row => row.Key.Place)];
    }

    /// <summary>A message that is in memory needs no row any more. If it may have one all the same, that is taken away.</summary>
    public void Settle(string mailbox, Place place)
    {
        lock (_lock)
            _hidden.Settle(mailbox, place);
    }

    /// <summary>Stores again rows that are there, now marked as attempted.</summary>
    /// <exception cref="OutboxUnavailableException">Not all were marked.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public async Task MarkAttemptedAsync(string mailbox, IReadOnlyList<StoredMessage> messages)
    {
        foreach (var piece in CommitPieces.Of(messages, message => message.Notification.Size))
        {
            StoredKey[] keys = [.. piece.Select(message => message.Key)];
            MailboxTally change;
            lock (_lock)
                change = _drops.Uncount(keys, default);
            await CommitAsync(mailbox, change, [.. piece.Select(message => message with { Attempted = true })], []);
            lock (_lock)
                _drops.Remove(keys);
        }
    }

    /// <summary>Takes away rows of a mailbox that were delivered or have outlived their time. When the store does not answer it is done later.</summary>
    /// <param name="mailbox">Its key.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="change">What their going means for the tally.</param>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public async Task DeleteAsync(string mailbox, IReadOnlyList<StoredKey> rows, MailboxTally change)
    {
        lock (_lock)
        {
            change = _drops.Uncount(rows, change);
            _drops.Remove(rows);
        }
        try
        {
            await CommitAsync(mailbox, change, [], rows);
        }
        catch (OutboxUnavailableException)
        {
            // They are gone for everybody else.
            lock (_lock)
            {
                _hidden.OnDeleteFailed(rows);
                _books.Of(mailbox).Count(change);
            }
        }
    }

    /// <summary>Gives a mailbox's tally another <see cref="MailboxTally.NoticeAt"/>, or writes the one that it has once more.</summary>
    /// <exception cref="OutboxUnavailableException">It was not written; the next commit for the mailbox writes it too.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public async Task ChangeNoticeAsync(string mailbox, Func<MailboxTally, MailboxTally> change)
    {
        var book = await BookAsync(mailbox, CancellationToken.None);
        lock (_lock)
            book.Tally = change(book.Tally);
        await CommitAsync(mailbox, default, [], []);
    }

    /// <summary>Writes that durable subscriptions begin or are as given, or that they end.</summary>
    /// <exception cref="OutboxUnavailableException">Nothing was written.</exception>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public Task ChangeDurablesAsync(IReadOnlyList<DurableMailbox> kept, IReadOnlyList<DurableMailbox> ended)
    {
        lock (_lock)
            return ConfirmAsync(BeginLocked(new OutboxCommit(Shard, Epoch, [], [], []) { DurablesKept = kept, DurablesEnded = ended }));
    }

    /// <summary>Repeats deletions that the store did not take, and forgets tallies that nobody has needed for a while.</summary>
    public async Task TidyAsync()
    {
        IReadOnlyList<string> mailboxes;
        IReadOnlySet<string> repeating;
        lock (_lock)
        {
            mailboxes = _hidden.MailboxesToDeleteFrom;
            // Appends that are repeated see to it themselves.
            repeating = _hidden.MailboxesInDoubt;
            _books.Tidy(mailbox => mailboxes.Contains(mailbox) || _drops.InDoubt(mailbox).Count > 0);
        }
        try
        {
            foreach (var mailbox in mailboxes)
            {
                if (!repeating.Contains(mailbox))
                    await ResolveDropsAsync(mailbox);
                await RepeatDeletesAsync(mailbox);
            }
        }
        catch (Exception exception) when (exception is OutboxUnavailableException or StaleEpochException)
        {
            // Next time, or whoever has the shard now gives them out once more.
        }
    }

    private async Task<IReadOnlyList<StoredMessage>> ReadAsync(Place after, Func<Place, Task<IReadOnlyList<StoredMessage>>> read)
    {
        // As of before the read: what is taken away meanwhile may still be among the rows.
        HashSet<(string Mailbox, Place Place)> hidden;
        lock (_lock)
            hidden = _hidden.All;
        while (true)
        {
            var rows = await read(after);
            if (hidden.Count == 0 || rows.Count == 0)
                return rows;
            List<StoredMessage> left = [.. rows.Where(row => !hidden.Contains((row.User, row.Place)))];
            if (left.Count > 0)
                return left;
            after = rows[^1].Place;
        }
    }

    /// <summary>
    /// Finds out what of a mailbox was dropped by commits whose answers were lost, and counts it; the next commit for the mailbox writes that.
    /// </summary>
    private async Task ResolveDropsAsync(string mailbox)
    {
        IReadOnlyList<DroppedRow> drops;
        Task behind;
        lock (_lock)
        {
            drops = _drops.InDoubt(mailbox);
            if (drops.Count == 0)
                return;
            // When this one has taken effect they have, or never will. It changes nothing: the tally there is that of the rows there.
            behind = ConfirmAsync(BeginLocked(new OutboxCommit(Shard, Epoch, [], [], [])));
        }
        await behind;
        HashSet<Place> there = [];
        var (after, last) = (Place.Start, drops.Max(row => row.Key.Place));
        while (after < last && await ReadAsync(mailbox, after, ReadBatch, MaxReadBytes) is { Count: > 0 } rows)
        {
            there.UnionWith(rows.Select(row => row.Place));
            after = rows[^1].Place;
        }
        var book = await BookAsync(mailbox, CancellationToken.None);
        lock (_lock)
        {
            var change = _drops.Resolve(drops, there);
            book.Count(change);
            metrics.MessagesDropped((int)change.Dropped);
        }
    }

    private async Task RepeatDeletesAsync(string mailbox)
    {
        StoredKey[] rows;
        lock (_lock)
            rows = _hidden.ToDeleteFrom(mailbox);
        // What their going means is counted already.
        await CommitAsync(mailbox, default, [], rows);
        lock (_lock)
            _hidden.OnDeleted(rows);
    }

    /// <summary>Changes rows of a mailbox together with its tally. Commits of a shard take effect in the order in which their tallies were counted.</summary>
    private async Task CommitAsync(string mailbox, MailboxTally change, IReadOnlyList<StoredMessage> appends, IReadOnlyList<StoredKey> deletes)
    {
        var book = await BookAsync(mailbox, CancellationToken.None);
        Task commit;
        lock (_lock)
        {
            book.Count(change);
            // What waits for a device is waiting for its user as well.
            if (!MailboxKey.IsDurable(mailbox))
                book.Tally = notices.Keep(book.Tally);
            book.UsedAt = time.Uptime();
            book.CommitsUnderWay++;
            commit = BeginLocked(new OutboxCommit(Shard, Epoch, appends, deletes, [new UserTally(mailbox, book.Tally)]));
        }
        try
        {
            await ConfirmAsync(commit);
        }
        catch (OutboxUnavailableException)
        {
            lock (_lock)
                book.Count(new MailboxTally(-change.Messages, -change.Bytes, -change.Dropped));
            throw;
        }
        finally
        {
            lock (_lock)
                book.CommitsUnderWay--;
        }
    }

    private Task BeginLocked(OutboxCommit commit) =>
        IsClosed ? Task.FromException(new StaleEpochException(Shard, Epoch, Epoch)) : _lastCommit = store.CommitAsync(commit);

    private async Task ConfirmAsync(Task commit)
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
    }

    private async ValueTask<MailboxBook> BookAsync(string mailbox, CancellationToken cancellationToken)
    {
        MailboxBook book;
        lock (_lock)
        {
            book = _books.Of(mailbox);
            if (book.IsLoaded)
                return book;
        }
        var tally = await store.ReadTallyAsync(Shard, mailbox, cancellationToken);
        lock (_lock)
        {
            // Whoever was first may have written meanwhile.
            if (!book.IsLoaded)
                book.Load(tally);
            return book;
        }
    }

    /// <summary>Which messages have to go, oldest first: of those that are stored, then of the new ones. The newest is always kept.</summary>
    private async Task<List<(StoredKey Key, int Size)>> FindOverflowAsync(string mailbox, IReadOnlyList<StoredMessage> added, long addedBytes)
    {
        List<(StoredKey, int)> dropped = [];
        var tally = await TallyAsync(mailbox);
        var messages = tally.Messages + added.Count;
        var bytes = tally.Bytes + addedBytes;
        var after = Place.Start;
        IReadOnlyList<StoredMessage> rows;
        do
        {
            if (!IsOver())
                return dropped;
            rows = await ReadAsync(mailbox, after, ReadBatch, MaxReadBytes);
            foreach (var row in rows.Count > 0 ? rows : added.SkipLast(1))
            {
                if (!IsOver())
                    return dropped;
                dropped.Add((row.Key, row.Notification.Size));
                messages--;
                bytes -= row.Notification.Size;
                after = row.Place;
            }
        } while (rows.Count > 0);
        return dropped;

        bool IsOver() => messages > limits.MaxMessagesPerUser || bytes > limits.MaxBytesPerUser;
    }
}
