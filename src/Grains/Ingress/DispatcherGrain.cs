using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using NotifyOrleans.Grains.Ingress.Recipients;
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
/// A stateless worker, so that it is on the silo that consumes the queue, and one at most. It takes a batch from the stream as soon as it is on the way to the
/// shards: how much may be under way is the prefetch of the queue.
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
    ILogger<DispatcherGrain> logger
) : Grain, IDispatcherGrain, IStreamSubscriptionObserver, IAsyncBatchObserver<RabbitMqDelivery>
{
    private static readonly TimeSpan CheckInterval = TimeSpan.FromMilliseconds(250);

    private readonly HashSet<(long ChannelEpoch, ulong Tag)> _deadLettering = [];
    private PartitionUsers? _users;
    private PartitionTopics? _topics;
    private long _channelEpoch;
    private ulong _lastTag;

    private string Queue => this.GetPrimaryKeyString();

    private PartitionTopics Topics =>
        _topics ??= new PartitionTopics(Queue, fanout, durables, GrainFactory, topicLogs, settler, recovery, topicMetrics, time, logger);

    private PartitionUsers Users =>
        _users ??= new PartitionUsers(
            Queue,
            silo.SiloAddress.ToParsableString(),
            stream.Value.Prefetch,
            grains,
            router,
            new RecipientsLog(Queue, stream.Value.Queues, recipientLogs, time, logger),
            settler,
            recovery,
            metrics,
            time,
            logger
        );

    public override Task OnActivateAsync(CancellationToken cancellationToken)
    {
        this.RegisterGrainTimer(CheckAsync, new GrainTimerCreationOptions(CheckInterval, CheckInterval) { Interleave = true });
        return Task.CompletedTask;
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        // Nobody else knows what was under way.
        if (_users is { HasUnsettled: true } || _topics is { HasWaiting: true } || _deadLettering.Count > 0)
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
        Users.SendAll();
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
        if (batch.ChannelEpoch == _channelEpoch)
            Users.Settled(batch.Deliveries);
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
                metrics.RoutedToUsers(recipients.Count);
                Users.Deliver(new UserDelivery(delivery.Tag, delivery.Redelivered, notification, recipients));
                break;
            case Route.ToTopic(var notification):
                metrics.RoutedToTopic();
                Topics.Publish(delivery, notification);
                break;
            case Route.ToDeadLetters(var reason):
                logger.DeadLettered(Queue, reason);
                _ = DeadLetterAsync(delivery, reason);
                break;
        }
    }

    /// <summary>A new channel: the broker delivers again all that was not acknowledged on the one before.</summary>
    private void Begin(long channelEpoch)
    {
        logger.ChannelBegun(Queue, channelEpoch);
        _topics?.Begin(formerChannel: _channelEpoch);
        _channelEpoch = channelEpoch;
        _lastTag = 0;
        DelayDeactivation(Timeout.InfiniteTimeSpan);
        Users.Begin(channelEpoch);
    }

    private Task CheckAsync(CancellationToken cancellationToken)
    {
        if (settler.IsCurrent(Queue, _channelEpoch))
        {
            TellHeld();
            _topics?.Mark();
            return Users.CheckAsync();
        }
        Users.Forget();
        _topics?.Forget();
        return Task.CompletedTask;
    }

    /// <summary>What takes long, as with an outbox that takes nothing, is not lost: another channel would only bring it once more.</summary>
    private void TellHeld()
    {
        var deadLettering = _deadLettering.Where(delivery => delivery.ChannelEpoch == _channelEpoch).Select(delivery => (ulong?)delivery.Tag).Min();
        if (new[] { _users?.Oldest, _topics?.OldestOf(_channelEpoch), deadLettering }.Min() is { } oldest)
            settler.Hold(Queue, _channelEpoch, oldest);
    }

    private async Task DeadLetterAsync(RabbitMqDelivery delivery, string reason)
    {
        _deadLettering.Add((delivery.ChannelEpoch, delivery.Tag));
        // Without its channel it comes again, to whoever consumes the queue next.
        while (delivery.ChannelEpoch == _channelEpoch && settler.IsCurrent(Queue, delivery.ChannelEpoch))
        {
            try
            {
                await deadLetters.PublishAsync(delivery, reason, CancellationToken.None);
                if (delivery.ChannelEpoch == _channelEpoch)
                {
                    metrics.Settled();
                    settler.Settle(Queue, _channelEpoch, delivery.Tag);
                }
                break;
            }
            catch (Exception exception)
            {
                logger.DeadLetteringFailed(exception, Queue);
                await Task.Delay(CheckInterval, time);
            }
        }
        _deadLettering.Remove((delivery.ChannelEpoch, delivery.Tag));
    }
}
