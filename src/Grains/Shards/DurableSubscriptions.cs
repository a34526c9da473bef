using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Users;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Begins and ends durable subscriptions of a shard's users to their own messages. One has begun when that is on disk, and is kept until its client ends it or
/// nobody comes for it any more. It belongs to the shard's grain and runs on its scheduler.
/// </summary>
internal sealed class DurableSubscriptions(ShardOutbox outbox, DurableMailboxes mailboxes, MailboxOptions options, TimeProvider time, ILogger logger)
{
    /// <summary>How exactly it is known when a session had a subscription last: a write for each that comes, and no more.</summary>
    private static readonly TimeSpan SeenPrecision = TimeSpan.FromDays(1);

    private static readonly TimeSpan CheckInterval = TimeSpan.FromHours(1);

    private DateTimeOffset _checkedAt = time.GetUtcNow();

    public DurableMailboxes Mailboxes => mailboxes;

    /// <summary>Begins those of the subscriptions that are durable, new and not there yet. Completes when they would survive.</summary>
    /// <returns>The numbers of those that their users have no room for, of those that cannot be written down now, and of those that had begun and have
    /// ended.</returns>
    /// <exception cref="StaleEpochException">The shard has a newer owner.</exception>
    public async Task<(long[] Refused, long[] Postponed, long[] Ended)> KeepAsync(MailboxSubscription[] subscriptions)
    {
        List<long> refused = [];
        List<long> ended = [];
        Dictionary<string, DurableMailbox> kept = [];
        var now = time.GetUtcNow().ToUnixTimeMilliseconds();
        foreach (var subscription in subscriptions.Where(subscription => MailboxKey.IsDurable(subscription.User)))
        {
            var (key, user) = (subscription.User, MailboxKey.UserOf(subscription.User));
            var known = mailboxes.Find(key);
            // A session had it, and comes with it again: it is not for that one to begin what another session has ended.
            if (known is null && subscription.LastEpoch != 0)
                ended.Add(subscription.Id);
            else if (known is null && !kept.ContainsKey(key) && mailboxes.CountOf(user) + NewOf(user) >= options.MaxDurablePerUser)
                refused.Add(subscription.Id);
            else if (known is null || now - known.SeenAt > SeenPrecision.TotalMilliseconds)
                kept[key] = new DurableMailbox(user, MailboxKey.DurableNameOf(key), subscription.Exchange, subscription.Pattern, now);
        }
        if (kept.Count == 0)
            return ([.. refused], [], [.. ended]);
        try
        {
            await outbox.ChangeDurablesAsync([.. kept.Values], []);
        }
        catch (OutboxUnavailableException exception)
        {
            // Others of the same call need not wait for the outbox; nor do those of these that are there already.
            logger.StoringFailed(exception, outbox.Shard);
            var unknown = subscriptions.Where(subscription => kept.ContainsKey(subscription.User) && mailboxes.Find(subscription.User) is null);
            return ([.. refused], [.. unknown.Select(subscription => subscription.Id).Except(ended)], [.. ended]);
        }
        foreach (var mailbox in kept.Values)
            mailboxes.Keep(mailbox);
        return ([.. refused], [], [.. ended]);

        int NewOf(string user) => kept.Keys.Count(key => MailboxKey.UserOf(key) == user && mailboxes.Find(key) is null);
    }

    /// <summary>Ends one: it gets no more copies. What it has is still to be cleared away.</summary>
    /// <exception cref="OutboxUnavailableException">It was not ended.</exception>
    public async Task EndAsync(string key)
    {
        if (mailboxes.Find(key) is not { } mailbox)
            return;
        await outbox.ChangeDurablesAsync([], [mailbox]);
        mailboxes.End(key);
    }

    /// <summary>Looks, once an hour, for those that nobody has come for in their time, and ends them.</summary>
    /// <param name="isInUse">Whether a session has a mailbox now.</param>
    /// <returns>The keys of those that have ended.</returns>
    public async Task<IReadOnlyList<string>> EndAbandonedAsync(Func<string, bool> isInUse)
    {
        var now = time.GetUtcNow();
        if (now - _checkedAt < CheckInterval)
            return [];
        _checkedAt = now;
        List<string> ended = [];
        foreach (var mailbox in mailboxes.SeenBefore((now - options.AbandonedAfter).ToUnixTimeMilliseconds()))
        {
            var key = MailboxKey.OfDurable(mailbox.User, mailbox.Name);
            try
            {
                if (isInUse(key))
                {
                    var seen = mailbox with { SeenAt = now.ToUnixTimeMilliseconds() };
                    await outbox.ChangeDurablesAsync([seen], []);
                    mailboxes.Keep(seen);
                    continue;
                }
                await EndAsync(key);
                logger.DurableAbandoned(outbox.Shard);
                ended.Add(key);
            }
            catch (OutboxUnavailableException exception)
            {
                logger.StoringFailed(exception, outbox.Shard);
            }
        }
        return ended;
    }
}
