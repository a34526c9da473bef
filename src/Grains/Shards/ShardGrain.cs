using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Delivery;
using NotifyOrleans.Grains.Events;
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
    TimeProvider time,
    ILogger<ShardGrain> logger) : Grain, IShardGrain, IShardUpkeepGrain
{
    // A client's proof of receipt takes up to 250 ms and a round trip.
    private static readonly TimeSpan SettleBeforeHandOver = TimeSpan.FromMilliseconds(500);

    private readonly Dictionary<string, UserLane> _lanes = [];
    private ShardLedger _ledger = null!;
    private UndeliveredNotices _notices = null!;
    private DateTimeOffset _graceUntil;
    private DateTimeOffset _knownFrom;

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        var shard = (int)this.GetPrimaryKeyLong();
        var epoch = await store.OpenShardAsync(shard, cancellationToken);
        var plan = new NoticePlan(told.Value.Undelivered.After, time);
        _ledger = new ShardLedger(shard, epoch, store, settlements, limits.Value, options.Value, plan, metrics, time);
        _notices = new UndeliveredNotices(_ledger, events, eventMetrics, time, logger);
        _graceUntil = time.GetUtcNow() + options.Value.TakeoverGrace;
        // Edges register their sessions again, and clients whose edge has gone too connect again.
        _knownFrom = _graceUntil + options.Value.RefreshGrace;
        shards.Add(_ledger);
        metrics.ShardTaken();
        logger.ShardTaken(shard, epoch);
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        if (_ledger is null)
            return;
        await StoreRestAsync(cancellationToken);
        _ledger.Close();
        shards.Remove(_ledger);
        foreach (var lane in _lanes.Values)
            lane.Close();
        metrics.ShardGivenUp();
        logger.ShardGivenUp(_ledger.Shard, _ledger.Epoch);
    }

    public async ValueTask<OfferReply> OfferAsync(OfferBatch batch)
    {
        var stored = await _ledger.PrepareAsync(batch.Offers, CancellationToken.None);
        ThrowIfClosed();
        if (!channels.TryPass(batch.Queue, batch.ChannelEpoch, out var newest))
            return Answer(OfferOutcome.Superseded);
        if (batch.ExpectedEpoch != 0 && batch.ExpectedEpoch != _ledger.Epoch)
            return Answer(OfferOutcome.OtherOwner);
        if (_ledger.IsLeaving)
            return Answer(OfferOutcome.Leaving);
        // From here to the end nothing waits, so that the batch's order is the order of its places.
        foreach (var offer in batch.Offers)
        {
            var delivery = new DeliveryRef(batch.Origin, batch.Queue, batch.ChannelEpoch, offer.Tag, offer.User);
            if (_ledger.Accept(delivery, offer, stored, out var message))
                Lane(offer.User).Deliver(message);
        }
        return Answer(OfferOutcome.Accepted);

        OfferReply Answer(OfferOutcome outcome) => new(_ledger.Epoch, outcome, newest);
    }

    public async Task<RegisterReply> RegisterAsync(RegisterRequest request)
    {
        ThrowIfClosed();
        var here = silo.SiloAddress.ToParsableString();
        if (links.Find(request.Edge) is not { } link || !request.Subscriptions.All(subscription => link.TryTrack(subscription.User, subscription.Id)))
            return new RegisterReply(here, _ledger.Epoch, Linked: false);
        await Task.WhenAll(request.Subscriptions.Select(subscription => Lane(subscription.User).SubscribeAsync(request.Edge, link.Number, subscription)));
        return new RegisterReply(here, _ledger.Epoch, Linked: true);
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
        await Task.WhenAll(request.Subscriptions
            .GroupBy(subscription => subscription.User)
            .Select(group => Lane(group.Key).UnsubscribeAsync(request.Edge, request.Link?.Number ?? 0, [.. group])));
    }

    public Task ExpireAsync(string[] users)
    {
        ThrowIfClosed();
        return Task.WhenAll(users.Select(user => Lane(user).ExpireAsync()));
    }

    public Task HastenAsync(string[] users)
    {
        foreach (var user in users)
        {
            if (_lanes.TryGetValue(user, out var lane))
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
        foreach (var user in _ledger.FindOverdue(options.Value.StoreAfter).GroupBy(message => message.User))
        {
            if (_lanes.TryGetValue(user.Key, out var lane))
                lane.Store();
            else
                Redeliver(user.Key);
        }
        foreach (var lane in _lanes.Values.ToList())
            lane.Sweep();
        await _ledger.TidyAsync();
    }

    public Task TellUndeliveredAsync(string[] users)
    {
        ThrowIfClosed();
        // Whoever is not there yet may be about to come again.
        return time.GetUtcNow() < _knownFrom
            ? Task.CompletedTask
            : Task.WhenAll(users.Select(user => _notices.TellAsync(user, _lanes.TryGetValue(user, out var lane) && lane.IsExpected)));
    }

    public async Task HandOverAsync()
    {
        if (_ledger.IsClosed)
            return;
        logger.ShardHandedOver(_ledger.Shard, _ledger.Epoch);
        _ledger.Leave();
        // What is settled now is not delivered twice.
        for (var begun = time.GetTimestamp(); _ledger.Unsafe > 0 && time.GetElapsedTime(begun) < SettleBeforeHandOver;)
            await Task.Delay(SettleBeforeHandOver / 20, time);
        DeactivateOnIdle();
    }

    /// <summary>Stores what is not safe, so that the next owner has it from the outbox and the broker can forget it. When that fails the broker delivers it to the next owner.</summary>
    private async Task StoreRestAsync(CancellationToken cancellationToken)
    {
        try
        {
            _ledger.Leave();
            await _ledger.StoreRestAsync(user => _lanes.TryGetValue(user, out var lane) && lane.NeedsGrain).WaitAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            logger.StoringFailed(exception, _ledger.Shard);
        }
    }

    /// <summary>Nobody has the user's messages in hand (a lane was lost with a fault): begins with them anew.</summary>
    private void Redeliver(string user)
    {
        foreach (var message in _ledger.UnsafeOf(user))
            Lane(user).Deliver(message with { Redelivered = true });
    }

    private UserLane Lane(string user)
    {
        if (_lanes.TryGetValue(user, out var lane))
            return lane;
        if (_lanes.Count == 0)
            DelayDeactivation(Timeout.InfiniteTimeSpan);
        var grain = GrainFactory.GetGrain<IUserGrain>(user);
        return _lanes[user] = new UserLane(user, grain, _ledger, limits.Value.TimeToLive, _graceUntil, events, time, logger, OnIdle);
    }

    private void OnIdle(string user)
    {
        _lanes.Remove(user);
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
