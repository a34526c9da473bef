using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Grains.Ingress;

/// <summary>
/// The deliveries of one partition that are for users: gives them to the shards of their recipients, in the queue's order, until each is safe there, and then
/// has them acknowledged. One to many recipients is written down first. For one dispatcher, within its turns.
/// </summary>
/// <param name="partition">The partition's queue.</param>
/// <param name="silo">The address of this silo: where shards settle.</param>
/// <param name="prefetch">How many deliveries may be unsettled.</param>
/// <param name="grains">References to shards.</param>
/// <param name="router">Finds the recipients of what is in the log.</param>
/// <param name="log">Where deliveries to many recipients are written down.</param>
/// <param name="settler">Acknowledges.</param>
/// <param name="recovery">Has the broker deliver again.</param>
/// <param name="metrics">Counts.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The dispatcher's.</param>
internal sealed class PartitionUsers(
    string partition,
    string silo,
    int prefetch,
    GrainReferences grains,
    IDeliveryRouter router,
    RecipientsLog log,
    IDeliverySettler settler,
    IQueueRecovery recovery,
    DispatcherMetrics metrics,
    TimeProvider time,
    ILogger logger
)
{
    // With half of the prefetch in use, what is under way for longer is stored. Proofs of receipt come sooner: a client is asked for one each 250 ms, and to
    // store what is about to be settled costs as much as all else that is done for it.
    private static readonly TimeSpan HastenAfter = TimeSpan.FromMilliseconds(500);

    // Users store what is not delivered after 1 s; what is not safe after three times that was lost on the way.
    private static readonly TimeSpan OfferAgainAfter = TimeSpan.FromSeconds(3);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    // Two of the largest messages: while one is being given to its recipients the next begins, and memory holds some megabytes for them.
    private const int MaxRecipientsUnderWay = 20_000;

    private readonly Dictionary<int, ShardLane> _lanes = [];
    private readonly Dictionary<(ulong Tag, string User), LinkedListNode<LaneEntry>> _entries = [];
    private readonly Dictionary<ulong, OpenDelivery> _unsettled = [];

    // Deliveries to users, in the queue's order, that are not given to shards yet: the log is being read, or too many recipients are under way.
    private readonly Queue<UserDelivery> _waiting = new();
    private bool _isReadingLog;
    private long _channelEpoch;

    /// <summary>Whether deliveries are not safe with all of their recipients.</summary>
    public bool HasUnsettled => _unsettled.Count > 0 || _waiting.Count > 0;

    /// <summary>The oldest delivery that is not acknowledged; null when there is none.</summary>
    public ulong? Oldest =>
        _unsettled
            .Where(open => !open.Value.IsAcknowledged)
            .Select(open => (ulong?)open.Key)
            .Concat(_waiting.Where(delivery => delivery.Logged is null).Select(delivery => (ulong?)delivery.Tag).Take(1))
            .Min();

    /// <summary>A new channel: the broker delivers again all that was not acknowledged on the one before.</summary>
    public void Begin(long channelEpoch)
    {
        Forget();
        var hadLog = _channelEpoch != 0 && settler.HasHadSince(partition, _channelEpoch);
        _channelEpoch = channelEpoch;
        _isReadingLog = true;
        _ = ReadLogAsync(channelEpoch, hadLog);
    }

    /// <summary>
    /// Takes a delivery; it is on its way with the next <see cref="SendAll"/>. One that a closed channel has brought late is left to the broker, which delivers it
    /// again behind what came before it and was forgotten.
    /// </summary>
    public void Deliver(UserDelivery delivery)
    {
        if (!IsCurrent(_channelEpoch))
            return;
        _waiting.Enqueue(delivery);
        Admit();
    }

    public void SendAll()
    {
        foreach (var lane in _lanes.Values)
            Send(lane);
    }

    /// <summary>Shards have deliveries that are safe.</summary>
    public void Settled(IReadOnlyList<SettledDelivery> deliveries)
    {
        foreach (var delivery in deliveries)
        {
            if (!_entries.Remove((delivery.Tag, delivery.User), out var node))
                continue;
            var shard = ShardMap.ShardOf(delivery.User);
            if (_lanes.TryGetValue(shard, out var lane))
                Remove(lane, node);
            Settle(delivery.Tag);
        }
        if (_waiting.Count > 0)
        {
            Admit();
            SendAll();
        }
    }

    /// <summary>Called now and then: offers again what was lost on its way, and has stored what holds up the partition.</summary>
    public Task CheckAsync()
    {
        OfferAgain();
        return IsStandingStill ? HastenAsync() : Task.CompletedTask;
    }

    /// <summary>Drops everything: the broker, or the log, has it.</summary>
    public void Forget()
    {
        _lanes.Clear();
        _entries.Clear();
        _unsettled.Clear();
        _waiting.Clear();
    }

    /// <summary>
    /// What is in the log was acknowledged before anything that the channel brings, so it goes first: behind a message in it there may be one of the same key
    /// for one of its recipients, or a transient one. So nothing is given out before it is known what is in it. A store that is away holds up no partition that
    /// stays where it is, as that is known in memory; where it has come from another silo all of it waits.
    /// </summary>
    private async Task ReadLogAsync(long channelEpoch, bool hadLog)
    {
        var logged = await log.ReadAsync(() => IsCurrent(channelEpoch), hadLog);
        if (logged is null || channelEpoch != _channelEpoch)
            return;
        if (logged.Count > 0)
            logger.LogResumed(logged.Count, partition);
        var behind = _waiting.ToArray();
        _waiting.Clear();
        var tag = UserDelivery.LoggedTag;
        foreach (var (place, delivery) in logged)
            _waiting.Enqueue(
                new UserDelivery(tag++, Redelivered: true, delivery.Notification, router.RecipientsOf(delivery.Notification.Exchange, delivery.Users), place)
            );
        foreach (var delivery in behind)
            _waiting.Enqueue(delivery);
        _isReadingLog = false;
        Admit();
        SendAll();
    }

    /// <summary>Gives deliveries to the lanes of their recipients' shards, as many as may be under way.</summary>
    private void Admit()
    {
        while (!_isReadingLog && _waiting.TryPeek(out var next) && (_entries.Count == 0 || _entries.Count + next.Recipients.Count <= MaxRecipientsUnderWay))
            Open(_waiting.Dequeue());
    }

    private void Open(UserDelivery delivery)
    {
        var open = new OpenDelivery(delivery.Notification, delivery.Recipients.Count) { Logged = delivery.Logged };
        if (delivery.Logged is not null)
            open.Acknowledge();
        OpenDelivery[] earlier = delivery.IsToBeLogged ? [.. _unsettled.Values.Where(other => !other.IsAcknowledged && other.Key == open.Key)] : [];
        _unsettled.Add(delivery.Tag, open);
        foreach (var recipient in delivery.Recipients)
        {
            var entry = new LaneEntry(new Offer(delivery.Tag, recipient.User, recipient.FilterKey, delivery.Redelivered, delivery.Notification));
            _entries.Add((delivery.Tag, recipient.User), Lane(recipient.User).Add(entry));
        }
        if (delivery.IsToBeLogged)
            _ = LogAsync(delivery, open, earlier);
    }

    /// <summary>
    /// Writes it down beside giving it to its recipients, so that the broker need not wait for the last of them. What is in the log goes before all that the
    /// queue's next channel brings, so it waits for those of its key that stay with the broker.
    /// </summary>
    private async Task LogAsync(UserDelivery delivery, OpenDelivery open, OpenDelivery[] earlier)
    {
        while (Array.Find(earlier, other => !other.IsAcknowledged && !other.IsBeingLogged) is { } staying)
            await staying.WhenAcknowledged;
        if (_unsettled.GetValueOrDefault(delivery.Tag) != open)
            return;
        open.IsBeingLogged = true;
        var written = await log.AppendAsync(delivery.Notification, [.. delivery.Recipients.Select(recipient => recipient.User)]);
        open.IsBeingLogged = false;
        if (written is not { } place)
            return;
        // All have it already, or the channel has ended and the broker delivers it again.
        if (_unsettled.GetValueOrDefault(delivery.Tag) != open)
        {
            log.Remove(place);
            return;
        }
        open.Logged = place;
        metrics.Logged();
        Acknowledge(delivery.Tag, open);
    }

    private ShardLane Lane(string user)
    {
        var shard = ShardMap.ShardOf(user);
        if (!_lanes.TryGetValue(shard, out var lane))
            _lanes[shard] = lane = new ShardLane(shard);
        return lane;
    }

    private void Remove(ShardLane lane, LinkedListNode<LaneEntry> node)
    {
        lane.Remove(node);
        if (lane.IsEmpty && !lane.IsSending)
            _lanes.Remove(lane.Shard);
    }

    private void Settle(ulong tag)
    {
        if (!_unsettled.TryGetValue(tag, out var open) || !open.Settle())
            return;
        _unsettled.Remove(tag);
        metrics.Settled();
        if (open.Logged is { } place)
            log.Remove(place);
        if (!open.IsAcknowledged)
            Acknowledge(tag, open);
    }

    private void Acknowledge(ulong tag, OpenDelivery open)
    {
        open.Acknowledge();
        settler.Settle(partition, _channelEpoch, tag);
    }

    private void Send(ShardLane lane)
    {
        if (!lane.IsSending && lane.HasWaiting)
            _ = SendAsync(lane, _channelEpoch);
    }

    private async Task SendAsync(ShardLane lane, long channelEpoch)
    {
        lane.IsSending = true;
        var shard = grains.Shard(lane.Shard);
        var isFailing = false;
        // A lane of a channel that is closed is forgotten, with what it has.
        while (IsCurrent(channelEpoch) && lane.Next() is { Count: > 0 } batch)
        {
            try
            {
                var reply = await shard.OfferAsync(
                    new OfferBatch
                    {
                        Origin = silo,
                        Queue = partition,
                        ChannelEpoch = channelEpoch,
                        ExpectedEpoch = lane.ExpectedEpoch,
                        Offers = [.. batch.Select(node => node.Value.Offer)],
                    }
                );
                isFailing = false;
                lane.Epoch = reply.Epoch;
                await TakeAsync(reply, lane, batch, channelEpoch);
            }
            catch (Exception exception)
            {
                if (!isFailing)
                    logger.OfferFailed(exception, lane.Shard, partition);
                isFailing = true;
                ShardLane.MarkAttempted(batch);
                await Task.Delay(RetryDelay, time);
            }
        }
        lane.IsSending = false;
        if (channelEpoch == _channelEpoch && lane.IsEmpty)
            _lanes.Remove(lane.Shard);
    }

    private async Task TakeAsync(OfferReply reply, ShardLane lane, List<LinkedListNode<LaneEntry>> batch, long channelEpoch)
    {
        switch (reply.Outcome)
        {
            case OfferOutcome.Accepted:
                lane.Accept(batch, time.Uptime());
                break;
            case OfferOutcome.OtherOwner:
                Rewind(lane);
                break;
            case OfferOutcome.Leaving:
                await Task.Delay(RetryDelay, time);
                break;
            case OfferOutcome.Superseded:
                logger.Superseded(partition, channelEpoch, reply.NewestChannel);
                await recovery.RedeliverAsync(partition, channelEpoch, reply.NewestChannel);
                break;
        }
    }

    /// <summary>
    /// What came by another channel, or by one that is closed, is not offered any more: the broker delivers it again, here or to another silo.
    /// </summary>
    private bool IsCurrent(long channelEpoch) => channelEpoch == _channelEpoch && settler.IsCurrent(partition, channelEpoch);

    private void Rewind(ShardLane lane)
    {
        var count = lane.Rewind();
        metrics.OfferedAgain(count);
        logger.OwnerChanged(lane.Shard, count, partition);
    }

    /// <summary>Half of what may be under way is in use, or what comes has to wait.</summary>
    private bool IsStandingStill => _unsettled.Values.Count(open => !open.IsAcknowledged) > prefetch / 2 || (_waiting.Count > 0 && !_isReadingLog);

    /// <summary>
    /// Offers again what a shard accepted and has not settled: the call, the shard or the settlement may have been lost. The shard knows what it has.
    /// </summary>
    private void OfferAgain()
    {
        var limit = time.Uptime() - OfferAgainAfter;
        foreach (var lane in _lanes.Values.Where(lane => !lane.IsSending && lane.OldestAccepted <= limit))
        {
            metrics.OfferedAgain(lane.Rewind());
            Send(lane);
        }
    }

    /// <summary>The queue is about to stand still: what waits for its users is stored, so that it goes on.</summary>
    private async Task HastenAsync()
    {
        var limit = time.Uptime() - HastenAfter;
        try
        {
            await Task.WhenAll(
                _lanes.Values.Where(lane => lane.OldestAccepted <= limit).Select(lane => grains.Shard(lane.Shard).HastenAsync(lane.UsersAcceptedBefore(limit)))
            );
        }
        catch (Exception exception)
        {
            // It is asked for again, and what is not safe after 1 s is stored anyway.
            logger.HasteningFailed(exception, partition);
        }
    }
}
