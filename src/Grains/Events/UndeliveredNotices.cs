using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Events;

/// <summary>
/// Tells that messages wait for users of one shard who are away: once for each absence, or again when the silo ends between telling it and writing that down.
/// It belongs to the shard's grain and runs on its scheduler.
/// </summary>
internal sealed class UndeliveredNotices(ShardLedger ledger, NoticePlan plan, IUserEvents events, UserEventMetrics metrics, TimeProvider time, ILogger logger)
{
    /// <summary>How long is waited for an event to be with the broker: below the 10 s that a call to the shard may take.</summary>
    private static readonly TimeSpan PublishTimeout = TimeSpan.FromSeconds(5);

    private readonly HashSet<string> _underWay = [];

    /// <summary>Looks at a user whose time was found to be over. What cannot be told now stays due.</summary>
    /// <param name="user">The user.</param>
    /// <param name="isThere">Whether he is there after all.</param>
    public async Task TellAsync(string user, bool isThere)
    {
        // Every silo looks for them.
        if (ledger.IsClosed || ledger.IsLeaving || !_underWay.Add(user))
            return;
        try
        {
            if (isThere)
                await ledger.Outbox.ChangeNoticeAsync(user, plan.Renew);
            else
                await TellAsync(user);
        }
        catch (OutboxUnavailableException exception)
        {
            logger.UndeliveredPostponed(exception, ledger.Shard);
        }
        catch (StaleEpochException)
        {
            // Its next owner is asked.
        }
        finally
        {
            _underWay.Remove(user);
        }
    }

    /// <summary>
    /// A user has come or gone: that messages wait for him is due a full time from now. When that cannot be written now the next commit for him does it.
    /// </summary>
    public async Task RenewAsync(string user)
    {
        if (!plan.IsActive)
            return;
        try
        {
            if ((await ledger.Outbox.TallyAsync(user)).Messages > 0)
                await ledger.Outbox.ChangeNoticeAsync(user, plan.Renew);
        }
        catch (Exception exception) when (exception is OutboxUnavailableException or StaleEpochException)
        {
            // Whoever owns the shard next finds the time that is stored, and looks whether the user is there.
        }
    }

    private async Task TellAsync(string user)
    {
        var due = (await ledger.Outbox.TallyAsync(user)).NoticeAt;
        if (
            due > 0
            && due <= time.GetUtcNow().ToUnixTimeMilliseconds()
            && await FindOldestAsync(user) is { } oldest
            && !await TryPublishAsync(user, oldest, due)
        )
            return;
        // Who came or went meanwhile has a new time. And one that differs from what is stored is written again: a commit has failed.
        await ledger.Outbox.ChangeNoticeAsync(user, tally => tally.NoticeAt == due && due > 0 ? tally with { NoticeAt = MailboxTally.Told } : tally);
    }

    /// <summary>The first row that somebody would still be given; null when there is none.</summary>
    private async Task<StoredMessage?> FindOldestAsync(string user)
    {
        var oldest = await ReadAsync();
        if (oldest?.ExpiresAt > time.GetUtcNow().ToUnixTimeMilliseconds())
            return oldest;
        await ledger.Rows.ExpireAsync(user);
        return await ReadAsync();

        async Task<StoredMessage?> ReadAsync() => (await ledger.Outbox.ReadAsync(user, Place.Start, 1, 1)).FirstOrDefault();
    }

    private async Task<bool> TryPublishAsync(string user, StoredMessage oldest, long due)
    {
        var tally = await ledger.Outbox.TallyAsync(user);
        var storedAt = DateTimeOffset.FromUnixTimeMilliseconds(oldest.StoredAt);
        try
        {
            await events
                .PublishAsync(new UndeliveredEvent(user, tally.Messages, tally.Bytes, tally.Dropped, storedAt, due), ledger.Outbox.Ended)
                .WaitAsync(PublishTimeout, time);
            metrics.UndeliveredTold();
            return true;
        }
        catch (Exception exception)
        {
            metrics.UndeliveredFailed();
            logger.UndeliveredPostponed(exception, ledger.Shard);
            return false;
        }
    }
}
