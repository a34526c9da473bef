using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Events;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Grains.Users;
using Orleans.Concurrency;

namespace NotifyOrleans.Grains.Shards;

/// <inheritdoc cref="IShardGrain"/>
[ShardPlacement, Reentrant, GrainType("shard")]
internal sealed class ShardGrain(
    ILocalSiloDetails silo,
    GrainReferences grains,
    HostedShards shards,
    ChannelFence channels,
    IEdgeLinks links,
    IOutboxStore store,
    SettlementQueue settlements,
    IOptions<OutboxOptions> limits,
    IOptions<MailboxOptions> options,
    IOptions<EventsOptions> told,
    IUserEvents events,
    UserEventMetrics eventMetrics,
    ShardMetrics metrics,
    UserMetrics userMetrics,
    TimeProvider time,
    ILogger<ShardGrain> logger
) : Grain, IShardGrain, IShardUpkeepGrain
{
    // A client's proof of receipt takes up to 250 ms and a round trip.
    private static readonly TimeSpan SettleBeforeHandOver = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, UserLane> _lanes = [];

    // In how many of his mailboxes a user has a subscription.
    private readonly Dictionary<string, int> _present = [];
    private ShardLedger _ledger = null!;
    private UndeliveredNotices _notices = null!;
    private DurableSubscriptions _durables = null!;
    private TimeSpan _knownFrom;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var shard = (int)this.GetPrimaryKeyLong();
        var epoch = await store.OpenShardAsync(shard, cancellationToken);
        var plan = new NoticePlan(told.Value.Undelivered.After, time);
        var outbox = new ShardOutbox(shard, epoch, store, limits.Value, plan, metrics, time);
        _ledger = new ShardLedger(outbox, settlements, limits.Value, options.Value, metrics, time);
        _durables = new DurableSubscriptions(
            outbox,
            new DurableMailboxes(await store.ReadDurablesAsync(shard, cancellationToken)),
            options.Value,
            time,
            logger
        );
        _notices = new UndeliveredNotices(_ledger, plan, events, eventMetrics, time, logger);
        // Edges register their sessions again, and clients whose edge has gone too connect again.
        _knownFrom = _ledger.GraceUntil + options.Value.RefreshGrace;
        shards.Add(_ledger);
        metrics.ShardTaken();
        logger.ShardTaken(shard, epoch);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_ledger is null)
            return;
        await StoreRestAsync(cancellationToken);
        _ledger.Outbox.Close();
        shards.Remove(_ledger);
        foreach (var lane in _lanes.Values)
            lane.Close();
        metrics.ShardGivenUp();
        // They are the next owner's; nobody comes or goes here any more.
        userMetrics.UsersLeft(_present.Count);
        logger.ShardGivenUp(_ledger.Shard, _ledger.Epoch);
    }

    public async ValueTask<OfferReply> OfferAsync(OfferBatch batch)
    {
        var (offers, found) = await PrepareAsync(batch);
        using var repeats = found;
        ThrowIfClosed();
        if (!channels.TryPass(batch, out var newest))
            return Answer(OfferOutcome.Superseded);
        if (batch.ExpectedEpoch != 0 && batch.ExpectedEpoch != _ledger.Epoch)
            return Answer(OfferOutcome.OtherOwner);
        if (_ledger.IsLeaving)
            return Answer(OfferOutcome.Leaving);
        // From here to the end nothing waits, so that the batch's order is the order of its places.
        for (int first = 0, next; first < offers.Count; first = next)
        {
            // Behind it are its copies for durable subscriptions.
            for (next = first + 1; next < offers.Count && MailboxKey.IsDurable(offers[next].User); )
                next++;
            Take(new DeliveryRef(batch.Origin, batch.Queue, batch.ChannelEpoch, offers[first].Tag, offers[first].User), offers, first, next, repeats);
        }
        return Answer(OfferOutcome.Accepted);

        OfferReply Answer(OfferOutcome outcome) => new(_ledger.Epoch, outcome, newest);
    }

    public async Task<RegisterReply> RegisterAsync(RegisterRequest request)
    {
        ThrowIfClosed();
        var here = silo.SiloAddress.ToParsableString();
        if (links.Find(request.Edge) is not { } link || !request.Subscriptions.All(subscription => link.TryTrack(subscription.User, subscription.Id)))
            return new RegisterReply(here, _ledger.Epoch, Link: 0);
        var (refused, postponed, ended) = await _durables.KeepAsync(request.Subscriptions);
        ThrowIfClosed();
        // Its end has been told by now, or is told behind what follows.
        if (links.Find(request.Edge) != link)
            return new RegisterReply(here, _ledger.Epoch, Link: 0);
        // Nor is there anybody who would take away again what the edge has told of meanwhile as gone.
        await Task.WhenAll(
            request
                .Subscriptions.Where(subscription =>
                    link.Tracks(subscription.Id)
                    && !refused.Contains(subscription.Id)
                    && !postponed.Contains(subscription.Id)
                    && !ended.Contains(subscription.Id)
                )
                .Select(subscription => Lane(subscription.User).SubscribeAsync(request.Edge, link.Number, subscription))
        );
        return new RegisterReply(here, _ledger.Epoch, link.Number, refused, postponed, ended);
    }

    public async Task ForgetAsync(string mailbox)
    {
        ThrowIfClosed();
        // A user's own has no end, whoever asks for it.
        if (!MailboxKey.IsDurable(mailbox))
            return;
        await _durables.EndAsync(mailbox);
        await Lane(mailbox).ClearAsync();
    }

    public Task SettleElsewhereAsync(string user, Place[] places)
    {
        ThrowIfClosed();
        Lane(user).SettleElsewhere(places);
        return Task.CompletedTask;
    }

    public async Task UnregisterAsync(UnregisterRequest request)
    {
        ThrowIfClosed();
        // A silo that was frozen or leaves tells of its links though the shard is here by now: a number of its own means nothing here.
        if (request.Link is { } ended && ended.Silo != silo.SiloAddress.ToParsableString())
            return;
        if (request.Link is null && links.Find(request.Edge) is { } link)
        {
            foreach (var subscription in request.Subscriptions)
                link.Untrack(subscription.Id);
        }
        await Task.WhenAll(
            request
                .Subscriptions.GroupBy(subscription => subscription.User)
                .Select(group => Lane(group.Key).UnsubscribeAsync(request.Edge, request.Link?.Number ?? 0, [.. group]))
        );
    }

    public Task ExpireAsync(string[] mailboxes)
    {
        ThrowIfClosed();
        return Task.WhenAll(mailboxes.Select(mailbox => Lane(mailbox).ExpireAsync()));
    }

    public Task HastenAsync(string[] mailboxes)
    {
        foreach (var mailbox in mailboxes)
        {
            if (_lanes.TryGetValue(mailbox, out var lane))
                lane.Store();
        }
        return Task.CompletedTask;
    }

    public async Task SweepAsync()
    {
        if (_ledger.IsClosed)
        {
            logger.ShardStale(_ledger.Shard, _ledger.Epoch);
            foreach (var lane in _lanes.Values.ToList())
                lane.Close();
            DeactivateOnIdle();
            return;
        }
        foreach (var overdue in _ledger.FindOverdue(options.Value.StoreAfter).GroupBy(message => message.Mailbox))
        {
            if (_lanes.TryGetValue(overdue.Key, out var lane))
                lane.Store();
            else
                Redeliver(overdue.Key);
        }
        foreach (var lane in _lanes.Values.ToList())
            lane.Sweep();
        await _ledger.TidyAsync();
        foreach (var mailbox in await _durables.EndAbandonedAsync(key => _lanes.TryGetValue(key, out var lane) && lane.NeedsGrain))
            _ = Lane(mailbox).ClearAsync();
    }

    public Task TellUndeliveredAsync(string[] users)
    {
        ThrowIfClosed();
        // Whoever is not there yet may be about to come again.
        return time.Uptime() < _knownFrom ? Task.CompletedTask : Task.WhenAll(users.Select(user => _notices.TellAsync(user, IsExpected(user))));
    }

    public async Task HandOverAsync()
    {
        if (_ledger.IsClosed)
            return;
        logger.ShardHandedOver(_ledger.Shard, _ledger.Epoch);
        _ledger.Leave();
        // What is settled now is not delivered twice.
        for (var begun = time.GetTimestamp(); _ledger.Unsafe > 0 && time.GetElapsedTime(begun) < SettleBeforeHandOver; )
            await Task.Delay(SettleBeforeHandOver / 20, time);
        DeactivateOnIdle();
    }

    /// <summary>Copies what durable subscriptions are to get, and finds what repeats a message. A subscription that begins meanwhile gets it too.</summary>
    private async ValueTask<(IReadOnlyList<Offer> Offers, RepeatSearch Repeats)> PrepareAsync(OfferBatch batch)
    {
        while (true)
        {
            var version = _durables.Mailboxes.Version;
            var offers = _durables.Mailboxes.Spread(batch.Offers);
            var repeats = await _ledger.FindRepeatsAsync(offers, CancellationToken.None);
            if (version == _durables.Mailboxes.Version)
                return (offers, repeats);
            repeats.Dispose();
        }
    }

    /// <summary>Takes a delivery into the user's own mailbox, and then into those of his durable subscriptions that it is copied for.</summary>
    private void Take(in DeliveryRef delivery, IReadOnlyList<Offer> offers, int first, int end, RepeatSearch repeats)
    {
        if (!_ledger.TryBegin(delivery, end - first))
            return;
        var twin = 0L;
        for (var index = first; index < end; index++)
        {
            var mailbox = offers[index].User;
            if (!_ledger.Accept(delivery with { User = mailbox }, offers[index], twin, repeats, out var message))
                continue;
            if (index == first)
                twin = message.Place.Number;
            Lane(mailbox).Deliver(message);
        }
    }

    /// <summary>
    /// Stores what is not safe, so that the next owner has it from the outbox and the broker can forget it. When that fails the broker delivers it to the next
    /// owner.
    /// </summary>
    private async Task StoreRestAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ledger.Leave();
            await _ledger.StoreRestAsync(mailbox => _lanes.TryGetValue(mailbox, out var lane) && lane.NeedsGrain).WaitAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            logger.StoringFailed(exception, _ledger.Shard);
        }
    }

    /// <summary>The user, or a device of his that has a durable subscription, is there or about to be.</summary>
    private bool IsExpected(string user) => _durables.Mailboxes.KeysOf(user).Prepend(user).Any(key => _lanes.TryGetValue(key, out var lane) && lane.IsExpected);

    /// <summary>Nobody has a mailbox's messages in hand (a lane was lost with a fault): begins with them anew.</summary>
    private void Redeliver(string mailbox)
    {
        foreach (var message in _ledger.UnsafeOf(mailbox))
            Lane(mailbox).Deliver(message with { Redelivered = true });
    }

    private UserLane Lane(string mailbox)
    {
        if (_lanes.TryGetValue(mailbox, out var lane))
            return lane;
        if (_lanes.Count == 0)
            DelayDeactivation(Timeout.InfiniteTimeSpan);
        var grain = grains.User(mailbox);
        return _lanes[mailbox] = new UserLane(mailbox, grain, _ledger, limits.Value.TimeToLive, OnPresence, time, logger, OnIdle);
    }

    /// <summary>A mailbox has got its first subscription, or has lost its last.</summary>
    /// <param name="mailbox">Its key.</param>
    /// <param name="isThere">Which of both.</param>
    /// <param name="isKnown">An edge has only registered again what another owner of the shard had known.</param>
    private void OnPresence(string mailbox, bool isThere, bool isKnown)
    {
        var user = MailboxKey.UserOf(mailbox);
        var mailboxes = _present.GetValueOrDefault(user) + (isThere ? 1 : -1);
        if (mailboxes == 0)
            _present.Remove(user);
        else
            _present[user] = mailboxes;
        if (mailboxes != (isThere ? 1 : 0))
            return;
        if (isThere)
            userMetrics.UserCame();
        else
            userMetrics.UsersLeft(1);
        _ = _notices.RenewAsync(user);
        if (!isKnown)
            events.Publish(new PresenceEvent(user, isThere, time.GetUtcNow()));
    }

    private void OnIdle(string mailbox)
    {
        _lanes.Remove(mailbox);
        // With no user in hand the shard may be collected like any grain; its rows and epoch are on disk.
        if (_lanes.Count == 0)
            DelayDeactivation(TimeSpan.Zero);
    }

    private void ThrowIfClosed()
    {
        if (!_ledger.IsClosed)
            return;
        DeactivateOnIdle();
        throw new StaleEpochException(_ledger.Shard, _ledger.Epoch, _ledger.Epoch);
    }
}
