using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Grains.Topics;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;
using Orleans.Concurrency;
using Orleans.Streams;
using Orleans.Streams.Core;

namespace NotifyOrleans.Grains.Ingress;

/// <inheritdoc cref="IDispatcherGrain"/>
/// <remarks>
/// A stateless worker, so that it is on the silo that consumes the queue, and one at most. It takes a batch from the stream as soon as it is on the way to the shards:
/// how much may be under way is the prefetch of the queue.
/// </remarks>
[StatelessWorker(1), Reentrant, GrainType("dispatcher"), ImplicitStreamSubscription(RabbitMqStreams.Namespace)]
internal sealed class DispatcherGrain(
    ILocalSiloDetails silo,
    GrainReferences grains,
    IDeliveryRouter router,
    TopicFanout fanout,
    DurablePatterns durables,
    ITopicLogStore topicLogs,
    TopicLogMetrics topicMetrics,
    IRecipientsLogStore recipientLogs,
    IDeadLetters deadLetters,
    IDeliverySettler settler,
    IQueueRecovery recovery,
    IOptions<RabbitMqStreamOptions> stream,
    DispatcherMetrics metrics,
    TimeProvider time,
    ILogger<DispatcherGrain> logger) : Grain, IDispatcherGrain, IStreamSubscriptionObserver, IAsyncBatchObserver<RabbitMqDelivery>
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(250);

    // With half of the prefetch in use, what is under way for longer is stored. Proofs of receipt come sooner: a client is asked for one each 250 ms, and to store what is about to be settled
    // costs as much as all else that is done for it.
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
    private PartitionTopics? _topics;
    private RecipientsLog? _log;
    private bool _isReadingLog;
    private long _channelEpoch;
    private ulong _lastTag;

    private string Queue => this.GetPrimaryKeyString();

    private PartitionTopics Topics => _topics ??= new PartitionTopics(Queue, fanout, durables, GrainFactory, topicLogs, settler, recovery, topicMetrics, time, logger);

    private RecipientsLog Log => _log ??= new RecipientsLog(Queue, stream.Value.Queues, recipientLogs, time, logger);

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(CheckAsync, new GrainTimerCreationOptions(CheckInterval, CheckInterval) { Interleave = true });
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Nobody else knows what was under way.
        if (_unsettled.Count > 0 || _waiting.Count > 0 || _topics is { HasWaiting: true })
            await recovery.RedeliverAsync(Queue, _channelEpoch);
    }

    public Task OnSubscribed(IStreamSubscriptionHandleFactory handleFactory) => handleFactory.Create<RabbitMqDelivery>().ResumeAsync(this);

    public Task OnNextAsync(IList<SequentialItem<RabbitMqDelivery>> items)
    {
        foreach (var item in items)
        {
            try
            {
                Dispatch(item.Item);
            }
            catch (Exception exception)
            {
                logger.DispatchFailed(exception, Queue);
                _ = recovery.RedeliverAsync(Queue, item.Item.ChannelEpoch);
                break;
            }
        }
        SendAll();
        return Task.CompletedTask;
    }

    public Task OnErrorAsync(Exception ex) => Task.CompletedTask;

    public Task BeginAsync(long channelEpoch)
    {
        if (channelEpoch > _channelEpoch && settler.IsCurrent(Queue, channelEpoch))
            Begin(channelEpoch);
        return Task.CompletedTask;
    }

    public Task SettledAsync(SettledBatch batch)
    {
        if (batch.ChannelEpoch != _channelEpoch)
            return Task.CompletedTask;
        foreach (var delivery in batch.Deliveries)
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
        return Task.CompletedTask;
    }

    private void Dispatch(RabbitMqDelivery delivery)
    {
        if (delivery.ChannelEpoch < _channelEpoch)
            return;
        if (delivery.ChannelEpoch > _channelEpoch)
            Begin(delivery.ChannelEpoch);
        // Tags rise without gaps; one that the stream brings again is known.
        if (delivery.Tag <= _lastTag)
            return;
        _lastTag = delivery.Tag;
        switch (router.Route(delivery))
        {
            case Route.ToUsers(var notification, var recipients):
                metrics.RoutedToUsers(recipients.Length);
                _waiting.Enqueue(new UserDelivery(delivery.Tag, delivery.Redelivered, notification, recipients));
                Admit();
                break;
            case Route.ToTopic(var notification):
                metrics.RoutedToTopic();
                Topics.Publish(delivery, notification);
                break;
            case Route.ToDeadLetters(var reason):
                logger.DeadLettered(Queue, reason);
                _unsettled.Add(delivery.Tag, new OpenDelivery(1));
                _ = DeadLetterAsync(delivery, reason);
                break;
        }
    }

    /// <summary>A new channel: the broker delivers again all that was not acknowledged on the one before.</summary>
    private void Begin(long channelEpoch)
    {
        logger.ChannelBegun(Queue, channelEpoch);
        _channelEpoch = channelEpoch;
        _lastTag = 0;
        Forget();
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        _isReadingLog = true;
        _ = ReadLogAsync(channelEpoch);
    }

    /// <summary>What is in the log was acknowledged before anything that the channel brings, so it goes first.</summary>
    private async Task ReadLogAsync(long channelEpoch)
    {
        var logged = await Log.ReadAsync(() => IsCurrent(channelEpoch));
        if (logged is null || channelEpoch != _channelEpoch)
            return;
        if (logged.Count > 0)
            logger.LogResumed(logged.Count, Queue);
        var behind = _waiting.ToArray();
        _waiting.Clear();
        var tag = UserDelivery.LoggedTag;
        foreach (var (place, delivery) in logged)
            _waiting.Enqueue(new UserDelivery(tag++, Redelivered: true, delivery.Notification, router.RecipientsOf(delivery.Notification.Exchange, delivery.Users), place));
        foreach (var delivery in behind)
            _waiting.Enqueue(delivery);
        _isReadingLog = false;
        Admit();
        SendAll();
    }

    /// <summary>Gives deliveries to the lanes of their recipients' shards, as many as may be under way.</summary>
    private void Admit()
    {
        while (!_isReadingLog && _waiting.TryPeek(out var next) && (_entries.Count == 0 || _entries.Count + next.Recipients.Length <= MaxRecipientsUnderWay))
            Open(_waiting.Dequeue());
    }

    private void Open(UserDelivery delivery)
    {
        var open = new OpenDelivery(delivery.Recipients.Length) { Logged = delivery.Logged, IsAcknowledged = delivery.Logged is not null };
        _unsettled.Add(delivery.Tag, open);
        foreach (var recipient in delivery.Recipients)
        {
            var entry = new LaneEntry(new Offer(delivery.Tag, recipient.User, recipient.FilterKey, delivery.Redelivered, delivery.Notification));
            _entries.Add((delivery.Tag, recipient.User), Lane(recipient.User).Add(entry));
        }
        if (delivery.IsToBeLogged)
            _ = LogAsync(delivery, open);
    }

    /// <summary>Writes it down beside giving it to its recipients, so that the broker need not wait for the last of them.</summary>
    private async Task LogAsync(UserDelivery delivery, OpenDelivery open)
    {
        if (await Log.AppendAsync(delivery.Notification, [.. delivery.Recipients.Select(recipient => recipient.User)]) is not { } place)
            return;
        // All have it already, or the channel has ended and the broker delivers it again.
        if (_unsettled.GetValueOrDefault(delivery.Tag) != open)
        {
            Log.Remove(place);
            return;
        }
        open.Logged = place;
        metrics.Logged();
        Acknowledge(delivery.Tag, open);
    }

    private void Forget()
    {
        _lanes.Clear();
        _entries.Clear();
        _unsettled.Clear();
        _waiting.Clear();
        _topics?.Forget();
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
            Log.Remove(place);
        if (!open.IsAcknowledged)
            Acknowledge(tag, open);
    }

    private void Acknowledge(ulong tag, OpenDelivery open)
    {
        open.IsAcknowledged = true;
        settler.Settle(Queue, _channelEpoch, tag);
    }

    private void SendAll()
    {
        foreach (var lane in _lanes.Values)
            Send(lane);
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
                var reply = await shard.OfferAsync(new OfferBatch
                {
                    Origin = silo.SiloAddress.ToParsableString(),
                    Queue = Queue,
                    ChannelEpoch = channelEpoch,
                    ExpectedEpoch = lane.ExpectedEpoch,
                    Offers = [.. batch.Select(node => node.Value.Offer)],
                });
                isFailing = false;
                lane.Epoch = reply.Epoch;
                await TakeAsync(reply, lane, batch, channelEpoch);
            }
            catch (Exception exception)
            {
                if (!isFailing)
                    logger.OfferFailed(exception, lane.Shard, Queue);
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
                lane.Accept(batch, time.GetUtcNow());
                break;
            case OfferOutcome.OtherOwner:
                Rewind(lane);
                break;
            case OfferOutcome.Leaving:
                await Task.Delay(RetryDelay, time);
                break;
            case OfferOutcome.Superseded:
                logger.Superseded(Queue, channelEpoch, reply.NewestChannel);
                await recovery.RedeliverAsync(Queue, channelEpoch, reply.NewestChannel);
                break;
        }
    }

    /// <summary>What came by another channel, or by one that is closed, is not offered any more: the broker delivers it again, here or to another silo.</summary>
    private bool IsCurrent(long channelEpoch) => channelEpoch == _channelEpoch && settler.IsCurrent(Queue, channelEpoch);

    private void Rewind(ShardLane lane)
    {
        var count = lane.Rewind();
        metrics.OfferedAgain(count);
        logger.OwnerChanged(lane.Shard, count, Queue);
    }

    private Task CheckAsync(CancellationToken cancellationToken)
    {
        if (!IsCurrent(_channelEpoch))
        {
            Forget();
            return Task.CompletedTask;
        }
        OfferAgain();
        _topics?.Mark();
        return IsStandingStill ? HastenAsync() : Task.CompletedTask;
    }

    /// <summary>Half of what may be under way is in use, or what comes has to wait.</summary>
    private bool IsStandingStill => _unsettled.Values.Count(open => !open.IsAcknowledged) > stream.Value.Prefetch / 2 || (_waiting.Count > 0 && !_isReadingLog);

    /// <summary>Offers again what a shard accepted and has not settled: the call, the shard or the settlement may have been lost. The shard knows what it has.</summary>
    private void OfferAgain()
    {
        var limit = time.GetUtcNow() - OfferAgainAfter;
        foreach (var lane in _lanes.Values.Where(lane => !lane.IsSending && lane.OldestAccepted <= limit))
        {
            metrics.OfferedAgain(lane.Rewind());
            Send(lane);
        }
    }

    /// <summary>The queue is about to stand still: what waits for its users is stored, so that it goes on.</summary>
    private async Task HastenAsync()
    {
        var limit = time.GetUtcNow() - HastenAfter;
        try
        {
            await Task.WhenAll(_lanes.Values
                .Where(lane => lane.OldestAccepted <= limit)
                .Select(lane => grains.Shard(lane.Shard).HastenAsync(lane.UsersAcceptedBefore(limit))));
        }
        catch (Exception exception)
        {
            // It is asked for again, and what is not safe after 1 s is stored anyway.
            logger.HasteningFailed(exception, Queue);
        }
    }

    private async Task DeadLetterAsync(RabbitMqDelivery delivery, string reason)
    {
        while (delivery.ChannelEpoch == _channelEpoch)
        {
            try
            {
                await deadLetters.PublishAsync(delivery, reason, CancellationToken.None);
                metrics.DeadLettered(reason);
                if (delivery.ChannelEpoch == _channelEpoch)
                    Settle(delivery.Tag);
                return;
            }
            catch (Exception exception)
            {
                logger.DeadLetteringFailed(exception, Queue);
                await Task.Delay(CheckInterval, time);
            }
        }
    }
}
