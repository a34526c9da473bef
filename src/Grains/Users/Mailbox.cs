using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>
/// What a user who is there is offered, and what becomes of it. Undelivered messages are older on disk and newer in memory, never mixed: storing one stores all
/// older ones that are in memory. Beside them memory holds what only somebody who lags, or whose session was lost, has still to get: transient messages, and
/// those that another session has settled. Not safe for calls that overlap; the grain gives them one after the other.
/// </summary>
/// <param name="key">The user, or the <see cref="MailboxKey"/> of a durable subscription.</param>
/// <param name="offeredUpTo">Up to here everything may have been offered before.</param>
/// <param name="ledger">The shard's book.</param>
/// <param name="links">The links to edges.</param>
/// <param name="options">Bounds of memory, and times.</param>
/// <param name="limits">How long the outbox keeps messages.</param>
/// <param name="metrics">Counts offers and settlements.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failed reads and writes are told.</param>
internal sealed class Mailbox(
    string key,
    Place offeredUpTo,
    ShardLedger ledger,
    IEdgeLinks links,
    MailboxOptions options,
    OutboxOptions limits,
    UserMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    private readonly SubscriberTable _subscribers = new(options.RefreshGrace, metrics, time);
    private readonly MemoryQueue _memory = new();
    private readonly MailboxReplay _replay = new(key, ledger, time);
    private readonly DropNotices _notices = new();
    private MemoryBounds? _bounds;
    private StoredMessages? _stored;
    private MailboxSettlements? _settlements;
    private Place _newest;

    public int Subscriptions => _subscribers.Served.Count;

    /// <summary>When the first of the subscriptions that are kept for a successor is to end; null when there is none.</summary>
    public DateTimeOffset? KeptUntil => _subscribers.KeptUntil;

    public int Unsafe => _memory.All.Count(message => message.IsUnsafe);

    /// <summary>Whether it has anything that is nowhere else, or anybody to serve.</summary>
    public bool IsNeeded => Subscriptions > 0 || Unsafe > 0 || KeptUntil is not null || KeepsForLate || OwesFlags || _settlements is { HasRejected: true };

    /// <inheritdoc cref="MemoryBounds.KeepsForLate"/>
    public bool KeepsForLate => Bounds.KeepsForLate;

    /// <inheritdoc cref="StoredMessages.OwesFlags"/>
    public bool OwesFlags => _stored is { OwesFlags: true };

    /// <summary>The outbox could not be read: <see cref="PumpAsync"/> has to be called again.</summary>
    public bool IsPumpOwed { get; private set; }

    public async Task DeliverAsync(MailboxMessage[] messages)
    {
        foreach (var message in messages)
        {
            if (message.Place <= _newest)
                continue;
            _newest = message.Place;
            Bounds.Add(new HeldMessage(message));
            // A transient message is as safe as it will ever be.
            if (!message.Notification.Persistent)
                ledger.Settle(message.Place);
        }
        await PumpAsync();
        await StoreOrphansAsync();
    }

    /// <param name="edge">The edge that serves it.</param>
    /// <param name="link">The link that serves it. What was offered over an older one is offered again: nobody knows what of it has arrived.</param>
    /// <param name="subscription">The subscription.</param>
    /// <param name="held">Transient messages that were held while nobody was there.</param>
    /// <param name="missed">Those that were too many to be held.</param>
    public async Task SubscribeAsync(string edge, long link, MailboxSubscription subscription, MailboxMessage[] held, MissedMessages missed)
    {
        await EndKeptAsync();
        if (_subscribers.Find(edge, subscription.Id) is { } former && former.Link < link)
        {
            TakeAway(former);
            _subscribers.Keep(former, Newest);
        }
        var isLate = subscription.LastEpoch != 0 && subscription.LastEpoch != ledger.Epoch;
        var isNew = _subscribers.TryAdd(edge, link, subscription, since: Newest, isLate ? Bounds.MissedByLate : null, out var inherited);
        var subscriber = _subscribers.Find(edge, subscription.Id)!;
        if (!isNew)
        {
            // A call that took it in was given up before it ended: what came meanwhile the shard has stored without us.
            subscriber.IsReplaying = true;
            await PumpAsync();
            return;
        }
        subscriber.Miss(missed.CountFor(subscriber));
        Bounds.MissedByLate?.Add(missed);
        foreach (var message in held.Select(message => new HeldMessage(message) { WaitsForFirst = true }).Concat(inherited))
        {
            _memory.Insert(message);
            _newest = _newest < message.Place ? message.Place : _newest;
        }
        await PumpAsync();
    }

    /// <summary>
    /// Subscriptions are gone; what they have not settled is pending again, and marked as attempted. Those whose session was lost are kept for their
    /// successors.
    /// </summary>
    public async Task UnsubscribeAsync(string edge, long link, UserSubscription[] subscriptions)
    {
        List<Subscriber> lost = [];
        foreach (var subscription in subscriptions)
        {
            // After the end of a link: its edge may have come back with it over another.
            if (_subscribers.Find(edge, subscription.Id) is not { } subscriber || (link != 0 && subscriber.Link != link))
                continue;
            TakeAway(subscriber);
            if (subscription.Lost)
                lost.Add(subscriber);
        }
        foreach (var subscriber in lost)
            _subscribers.Keep(subscriber, Newest);
        await OnGoneAsync();
    }

    /// <summary>Lets go of kept subscriptions that nobody has followed in time, and of what was kept for late ones. What is transient goes with them.</summary>
    public async Task EndKeptAsync()
    {
        if (_subscribers.RemoveOverdue() | Bounds.TryEndGrace())
            await OnGoneAsync();
    }

    /// <inheritdoc cref="MailboxSettlements.SettleAsync"/>
    public async Task<IReadOnlyList<HeldMessage>> SettleAsync(string edge, Settlement[] settlements)
    {
        var rejected = await Settlements.SettleAsync(edge, settlements);
        await PumpAsync();
        return rejected;
    }

    /// <inheritdoc cref="MailboxSettlements.TryEndRejectionAsync"/>
    public async Task EndRejectionAsync(Place place, bool isDeadLetter)
    {
        if (await Settlements.TryEndRejectionAsync(place, isDeadLetter))
            await PumpAsync();
    }

    /// <inheritdoc cref="MailboxSettlements.SettleElsewhereAsync"/>
    public async Task SettleElsewhereAsync(Place[] places)
    {
        await Settlements.SettleElsewhereAsync(places);
        await PumpAsync();
    }

    /// <summary>Nobody is to get what is here up to a place any more: ends all subscriptions, and tells their sessions.</summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read; call it again.</exception>
    public async Task ClearAsync(Place upTo)
    {
        foreach (var subscriber in _subscribers.Served)
        {
            if (links.Find(subscriber.Edge) is { } link && link.Number == subscriber.Link)
                link.Push(subscriber.Lane, MailboxPush.End(subscriber.Id, key, ledger.Epoch, _newest));
        }
        _subscribers.Clear();
        _memory.RemoveAll(message => message.Place <= upTo);
        Stored.Clear();
        _settlements?.ForgetRejected();
        _notices.Clear();
        Bounds.ForgetMissed();
        await ledger.Rows.ClearAsync(key, upTo);
    }

    /// <inheritdoc cref="MailboxSettlements.TakeTwins"/>
    public Place[] TakeSettledTwins() => _settlements?.TakeTwins() ?? [];

    /// <inheritdoc cref="StoredMessages.StoreAsync"/>
    public Task StoreAsync() => Stored.StoreAsync();

    public Task ExpireAsync() => Stored.ExpireAsync();

    /// <summary>
    /// Offers to every subscription what it has room for. What goes beyond the bounds of memory is stored, and served to those who lag from there.
    /// </summary>
    public async Task PumpAsync()
    {
        IsPumpOwed = false;
        foreach (var subscriber in _subscribers.Served)
        {
            // Without its link the subscription is about to be taken away.
            if (!_replay.IsAtEnd(subscriber, _memory) && links.Find(subscriber.Edge) is { } link && link.Number == subscriber.Link)
                await OfferAsync(subscriber, link);
        }
        if (_memory.Count > 0)
            Bounds.Trim();
        if (!Bounds.IsOverfull)
            return;
        Bounds.Shrink();
        if (Bounds.IsOverfull)
            await StoreAsync();
    }

    private StoredMessages Stored => _stored ??= new StoredMessages(key, _memory, _subscribers, ledger, limits, time, logger);

    private MemoryBounds Bounds => _bounds ??= new MemoryBounds(key, _memory, _subscribers, ledger, options, time);

    private MailboxSettlements Settlements =>
        _settlements ??= new MailboxSettlements(key, _memory, _subscribers, Bounds, Stored, _notices, ledger, metrics, logger);

    /// <summary>What it has not settled is pending again.</summary>
    private void TakeAway(Subscriber subscriber)
    {
        _subscribers.Remove(subscriber);
        foreach (var (message, told, _) in subscriber.ReturnAll())
        {
            _notices.Return(told);
            message.IsAttempted = true;
            subscriber.OfferAgainLater(message, isOwed: true);
        }
    }

    /// <summary>Subscriptions have gone: what they had is for others.</summary>
    private async Task OnGoneAsync()
    {
        await Stored.MarkAttemptedAsync();
        await PumpAsync();
        await StoreOrphansAsync();
    }

    /// <summary>Nobody who is there takes it: then it waits on disk at once.</summary>
    private async Task StoreOrphansAsync()
    {
        if (_memory.All.Any(message => message is { IsUnsafe: true, Offers: 0 } && !IsAwaited(message)))
            await StoreAsync();
    }

    private bool IsAwaited(HeldMessage message) => _subscribers.Served.Any(subscriber => subscriber.Wants(message) || subscriber.WillOfferAgain(message));

    private async Task OfferAsync(Subscriber subscriber, IEdgeLink link)
    {
        try
        {
            var dropped = await DroppedAsync();
            await foreach (var (message, isRedelivered) in _replay.NextAsync(subscriber, _memory, Stored))
            {
                var untold = _notices.Take(dropped);
                var missed = subscriber.Offer(message, untold);
                message.OfferedFirstTo ??= _subscribers.LastArrival;
                Stored.Take(message);
                link.Push(
                    subscriber.Lane,
                    new MailboxPush(
                        subscriber.Id,
                        key,
                        ledger.Epoch,
                        message.Place,
                        isRedelivered || message.Place.Epoch < ledger.Epoch || message.Place <= offeredUpTo,
                        untold + missed,
                        message.Message.Notification
                    )
                );
                metrics.MessageOffered(isRedelivered);
            }
        }
        catch (OutboxUnavailableException exception)
        {
            logger.ReadingFailed(exception);
            IsPumpOwed = true;
        }
    }

    /// <summary>How many messages the outbox has dropped. When it cannot be read what is live goes on, and they are told with a later message.</summary>
    private async ValueTask<long> DroppedAsync()
    {
        try
        {
            return (await ledger.Outbox.TallyAsync(key)).Dropped;
        }
        catch (OutboxUnavailableException)
        {
            return 0;
        }
    }

    /// <summary>Before everything that has not come yet.</summary>
    private Place Newest => _newest < _memory.Newest ? _memory.Newest : _newest;
}
