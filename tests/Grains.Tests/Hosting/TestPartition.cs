using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Topics;
using NotifyOrleans.Grains.Topics.Durable;
using NotifyOrleans.Streaming.RabbitMQ;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>A partition's topics without its queue: the test is the broker. Turn by turn, as in a dispatcher.</summary>
internal sealed class TestPartition : IDeliverySettler, IQueueRecovery
{
    private readonly TaskFactory _turns = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly PartitionTopics _topics;
    private readonly string _name;
    private long _lastTag;
    private long _since;

    public TestPartition(TestSilo silo, string name = "partition-0", ITopicLogStore? logs = null)
    {
        _name = name;
        var services = silo.Services;
        _topics = new PartitionTopics(
            name,
            services.GetRequiredService<TopicFanout>(),
            services.GetRequiredService<DurablePatterns>(),
            services.GetRequiredService<IGrainFactory>(),
            logs ?? services.GetRequiredService<ITopicLogStore>(),
            this,
            this,
            services.GetRequiredService<TopicLogMetrics>(),
            TimeProvider.System,
            NullLogger.Instance
        );
    }

    /// <summary>The channel that deliveries come by.</summary>
    public long ChannelEpoch { get; private set; } = 1;

    public ConcurrentQueue<(long ChannelEpoch, ulong Tag)> Settled { get; } = new();

    /// <summary>Channels that were closed so that the broker delivers again.</summary>
    public ConcurrentQueue<long> Redelivered { get; } = new();

    public Task PublishAsync(params Notification[] notifications) =>
        _turns.StartNew(() =>
        {
            foreach (var notification in notifications)
            {
                _topics.Publish(
                    new RabbitMqDelivery
                    {
                        Queue = _name,
                        ChannelEpoch = ChannelEpoch,
                        Tag = (ulong)++_lastTag,
                        Exchange = notification.Exchange,
                        RoutingKey = notification.RoutingKey,
                        Body = notification.Body,
                    },
                    notification
                );
            }
        });

    /// <summary>The broker opens another channel.</summary>
    /// <param name="wasElsewhere">Whether another silo has had the queue in between.</param>
    public Task BeginAsync(bool wasElsewhere) =>
        _turns.StartNew(() =>
        {
            _since = wasElsewhere ? ChannelEpoch : 0;
            _topics.Begin(ChannelEpoch++);
        });

    public void Settle(string queue, long channelEpoch, ulong tag) => Settled.Enqueue((channelEpoch, tag));

    public void Hold(string queue, long channelEpoch, ulong tag) => throw new NotSupportedException();

    public IReadOnlyList<(string Queue, long ChannelEpoch)> Channels => [(_name, ChannelEpoch)];

    public bool HasHadSince(string queue, long channelEpoch) => channelEpoch > _since;

    public bool IsCurrent(string queue, long channelEpoch) => channelEpoch == ChannelEpoch && !Redelivered.Contains(channelEpoch);

    public Task RedeliverAsync(string queue, long channelEpoch)
    {
        Redelivered.Enqueue(channelEpoch);
        return Task.CompletedTask;
    }

    public Task ReassignAsync() => throw new NotSupportedException();

    public Task RedeliverAsync(string queue, long channelEpoch, long newerThan) => throw new NotSupportedException();
}
