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
/// <param name="user">The user, or the <see cref="MailboxKey"/> of a durable subscription.</param>
/// <param name="offeredUpTo">Up to here everything may have been offered before.</param>
/// <param name="ledger">The shard's book.</param>
/// <param name="links">The links to edges.</param>
/// <param name="options">Bounds of memory, and times.</param>
/// <param name="limits">How long the outbox keeps messages.</param>
/// <param name="metrics">Counts offers and settlements.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">Where failed reads and writes are told.</param>
internal sealed class Mailbox(
    string user,
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
    private static readonly Notification NoMessage = new() { Exchange = "", RoutingKey = "" };

    private readonly SubscriberTable _subscribers = new(options.RefreshGrace, metrics, time);
    private readonly MemoryQueue _memory = new();
    private readonly MailboxReplay _replay = new(user, ledger, time);
    private readonly List<Place> _settledTwins = [];
    private readonly Dictionary<Place, HeldMessage> _rejected = [];
    private MemoryBounds? _bounds;
    private StoredMessages? _stored;
    private Place _newest;
    private long _toldUnderWay;

    public int Subscriptions => _subscribers.Served.Count;

    /// <summary>When the first of the subscriptions that are kept for a successor is to end; null when there is none.</summary>
    public DateTimeOffset? KeptUntil => _subscribers.KeptUntil;

    public int Unsafe => _memory.All.Count(message => message.IsUnsafe);

    /// <summary>Whether it has anything that is nowhere else, or anybody to serve.</summary>
    public bool IsNeeded => Subscriptions > 0 || Unsafe > 0 || KeptUntil is not null || KeepsForLate || OwesFlags || _rejected.Count > 0;

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

    /// <summary>What became of messages at subscriptions of an edge.</summary>
    /// <returns>What is to be a dead letter, in that order: it stays in its window until <see cref="EndRejectionAsync"/>.</returns>
    public async Task<IReadOnlyList<HeldMessage>> SettleAsync(string edge, Settlement[] settlements)
    {
        var change = new MailboxChange();
        List<HeldMessage> rejected = [];
        foreach (var settlement in settlements)
        {
            if (
                _subscribers.Find(edge, settlement.Subscription) is not { } subscriber
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
                CountTold(told, change);
            else
                Settle(message, told, change);
        }
        await CommitAsync(change);
        await PumpAsync();
        return rejected;
    }

    /// <summary>A rejected message is a dead letter, and so settled; or it could not become one, and is offered again.</summary>
    public async Task EndRejectionAsync(Place place, bool isDeadLetter)
    {
        if (!_rejected.Remove(place, out var message))
            return;
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
        await PumpAsync();
    }

    /// <summary>Another mailbox of the user's has delivered these: whoever is served here and has not been offered them is told that he missed them.</summary>
    public async Task SettleElsewhereAsync(Place[] places)
    {
        var change = new MailboxChange();
        try
        {
            foreach (var place in places)
            {
                var message = _memory.Find(place) ?? Stored.Find(place) ?? (await ledger.Rows.FindAsync(user, place) is { } row ? HeldMessage.Of(row) : null);
                if (message is null || Finish(message) is not { } key)
                    continue;
                change.Remove(key, message.Size);
                if (message.Offers == 0)
                    Stored.LetGo(message);
            }
        }
        catch (OutboxUnavailableException exception)
        {
            // He is given them once more.
            logger.ReadingFailed(exception);
        }
        await CommitAsync(change);
        await PumpAsync();
    }

    /// <summary>Nobody is to get what is here up to a place any more: ends all subscriptions, and tells their sessions.</summary>
    /// <exception cref="OutboxUnavailableException">The outbox cannot be read; call it again.</exception>
    public async Task ClearAsync(Place upTo)
    {
        foreach (var subscriber in _subscribers.Served)
        {
            if (links.Find(subscriber.Edge) is { } link && link.Number == subscriber.Link)
                link.Push(subscriber.Lane, new MailboxPush(subscriber.Id, user, ledger.Epoch, _newest, false, 0, NoMessage, IsEnd: true));
        }
        _subscribers.Clear();
        _memory.RemoveAll(message => message.Place <= upTo);
        Stored.Clear();
        _rejected.Clear();
        _toldUnderWay = 0;
        Bounds.ForgetMissed();
        await ledger.Rows.ClearAsync(user, upTo);
    }

    /// <summary>Places, in the user's own mailbox, of what was settled here since the last call.</summary>
    public Place[] TakeSettledTwins()
    {
        Place[] twins = [.. _settledTwins];
        _settledTwins.Clear();
        return twins;
    }

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

    private StoredMessages Stored => _stored ??= new StoredMessages(user, _memory, _subscribers, ledger, limits, time, logger);

    private MemoryBounds Bounds => _bounds ??= new MemoryBounds(user, _memory, _subscribers, ledger, options, time);

    /// <summary>What it has not settled is pending again.</summary>
    private void TakeAway(Subscriber subscriber)
    {
        _subscribers.Remove(subscriber);
        foreach (var (message, told, _) in subscriber.ReturnAll())
        {
            _toldUnderWay -= told;
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
                var untold = Math.Max(0, dropped - _toldUnderWay);
                _toldUnderWay += untold;
                var missed = subscriber.Offer(message, untold);
                message.OfferedFirstTo ??= _subscribers.LastArrival;
                Stored.Take(message);
                link.Push(
                    subscriber.Lane,
                    new MailboxPush(
                        subscriber.Id,
                        user,
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
            return (await ledger.Outbox.TallyAsync(user)).Dropped;
        }
        catch (OutboxUnavailableException)
        {
            return 0;
        }
    }

    /// <summary>A message has come back from a window, and is to be offered there again.</summary>
    private void Requeue(HeldMessage message, Subscriber subscriber, long told)
    {
        _toldUnderWay -= told;
        message.IsAttempted = true;
        if (!message.IsSettled)
            subscriber.OfferAgainLater(message);
        else if (message.Offers == 0)
            Stored.LetGo(message);
    }

    /// <summary>A message has come back from a window, and its subscription needs it no more.</summary>
    /// <param name="message">The message.</param>
    /// <param name="told">What was told with it.</param>
    /// <param name="change">Gets what that means for the outbox.</param>
    private void Settle(HeldMessage message, long told, MailboxChange change)
    {
        CountTold(told, change);
        if (Finish(message) is { } row)
            change.Remove(row, message.Size);
        if (message.Offers == 0)
            Stored.LetGo(message);
    }

    /// <summary>A client has seen what was told with a message.</summary>
    private void CountTold(long told, MailboxChange change)
    {
        _toldUnderWay -= told;
        change.Tell(told);
    }

    private Task CommitAsync(MailboxChange change) => change.IsEmpty ? Task.CompletedTask : ledger.DeleteAsync(user, change.Rows, change.Tally);

    /// <summary>A message that nobody has in his window, as the session that had it is gone, is for those who are there now.</summary>
    private void OfferToAll(HeldMessage message)
    {
        // To one that has not come so far yet it comes by itself.
        foreach (var subscriber in _subscribers.All.Where(subscriber => message.Place <= subscriber.Cursor && subscriber.Takes(message)))
            subscriber.OfferAgainLater(message);
        // That its row is a repeat is perhaps known here alone.
        if (!OwesFlags && !Stored.IsOfferedAgainLater(message))
            Stored.LetGo(message);
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
            _settledTwins.Add(message.Place with { Number = message.Message.Twin });
        if (message.Row is not { } row)
        {
            if (message.IsPersistent)
                ledger.Settle(message.Place);
            return null;
        }
        // The row goes. For one that has no session, or is late, memory takes the message back, and whoever is there and lags gets it from there too; else he
        // is told.
        if (KeepsForLate || _subscribers.All.Any(other => other.IsKept && other.Wants(message)))
        {
            message.Row = null;
            _memory.Insert(message);
            return row.Key;
        }
        foreach (var other in _subscribers.Served)
        {
            if (other.Wants(message))
                other.Miss();
        }
        return row.Key;
    }

    /// <summary>Before everything that has not come yet.</summary>
    private Place Newest => _newest < _memory.Newest ? _memory.Newest : _newest;
}
