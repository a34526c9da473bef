using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Takes away stored messages that nobody is to get any more: those that have outlived their time, that another mailbox of the user's has delivered, or all of
/// a mailbox.
/// </summary>
internal sealed class MailboxRows(ShardLedger ledger, ShardMetrics metrics, TimeProvider time)
{
    // Far fewer calls than rows, and not much memory.
    private const int ReadBatch = 256;

    // Bodies are read along: a database gives a read some seconds.
    private const int MaxReadBytes = 1 << 20;

    /// <summary>Those that have outlived their time. What the outbox's own time-to-live ended counts as dropped, what the publisher's ended does not.</summary>
    /// <returns>Their places.</returns>
    public async Task<IReadOnlyList<Place>> ExpireAsync(string mailbox)
    {
        List<Place> expired = [];
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        var after = Place.Start;
        while (await ledger.Outbox.ReadExpiredAsync(mailbox, now, after, ReadBatch, MaxReadBytes) is { Count: > 0 } ended)
        {
            after = ended[^1].Place;
            var dropped = ended.Count(row => row.ExpiresAt != row.Notification.ExpiresAt);
            await DeleteAsync(mailbox, ended, dropped);
            metrics.MessagesDropped(dropped);
            metrics.MessagesExpired(ended.Count - dropped);
            expired.AddRange(ended.Select(row => row.Place));
        }
        return expired;
    }

    /// <summary>All of them up to a place, and what its user was still to be told; what is in memory is settled too.</summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read; some may be left.</exception>
    public async Task ClearAsync(string mailbox, Place upTo)
    {
        foreach (var message in ledger.UnsafeOf(mailbox).Where(message => message.Place <= upTo))
            ledger.Settle(message.Place);
        var untold = (await ledger.Outbox.TallyAsync(mailbox)).Dropped;
        if (untold > 0)
            await ledger.DeleteAsync(mailbox, [], new MailboxTally(0, 0, -untold));
        await foreach (var rows in ReadAsync(mailbox))
        {
            List<StoredMessage> cleared = [.. rows.Where(row => row.Place <= upTo)];
            await DeleteAsync(mailbox, cleared, dropped: 0);
            if (cleared.Count < rows.Count)
                return;
        }
    }

    /// <summary>Those that another mailbox of the user's has delivered.</summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read; some may be left.</exception>
    public async Task SettleElsewhereAsync(string mailbox, IReadOnlyList<Place> places)
    {
        foreach (var place in places)
        {
            ledger.Settle(place);
            if (await FindAsync(mailbox, place) is { } row)
                await DeleteAsync(mailbox, [row], dropped: 0);
        }
    }

    /// <summary>The stored row at a place; null when there is none.</summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read.</exception>
    public async Task<StoredMessage?> FindAsync(string mailbox, Place place)
    {
        if (place.Number == 0 || (await ledger.Outbox.TallyAsync(mailbox)).Messages == 0)
            return null;
        var rows = await ledger.Outbox.ReadAsync(mailbox, place with { Number = place.Number - 1 }, 1, int.MaxValue);
        return rows is [var row] && row.Place == place ? row : null;
    }

    /// <summary>Each row once: one whose deletion the store did not take is deleted later.</summary>
    private async IAsyncEnumerable<IReadOnlyList<StoredMessage>> ReadAsync(string mailbox)
    {
        var after = Place.Start;
        while (await ledger.Outbox.ReadAsync(mailbox, after, ReadBatch, MaxReadBytes) is { Count: > 0 } rows)
        {
            after = rows[^1].Place;
            yield return rows;
        }
    }

    private Task DeleteAsync(string mailbox, IReadOnlyList<StoredMessage> rows, int dropped) =>
        ledger.DeleteAsync(mailbox, [.. rows.Select(row => row.Key)], new MailboxTally(-rows.Count, -rows.Sum(row => (long)row.Notification.Size), dropped));
}
