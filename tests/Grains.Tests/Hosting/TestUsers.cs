using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Ingress.Recipients;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Placement;
using NotifyOrleans.Streaming.RabbitMQ.Settlement;

namespace NotifyOrleans.Grains.Tests.Hosting;

/// <summary>A partition's deliveries for users without its queue: the test is the broker. Turn by turn, as in a dispatcher.</summary>
internal sealed class TestUsers : IDeliverySettler, IQueueRecovery
{
    private const string Partition = "partition-0";

    private static readonly DeliveryLimits Limits = new(MaxBytes: 4 << 20, MaxRecipients: 10_000);

    private readonly TaskFactory _turns = new(new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
    private readonly PartitionUsers _users;
    private readonly TestSilo _silo;

    public TestUsers(TestSilo silo, IRecipientsLogStore store)
    {
        _silo = silo;
        var services = silo.Services;
        _users = new PartitionUsers(
            Partition,
            silo.Address,
            prefetch: 1000,
            services.GetRequiredService<GrainReferences>(),
            new DeliveryRouter(services.GetRequiredService<SourceRoutes>(), new DeliveryReader(Limits, TimeProvider.System), Limits),
            new RecipientsLog(Partition, [Partition], store, TimeProvider.System, NullLogger.Instance),
            this,
            this,
            services.GetRequiredService<DispatcherMetrics>(),
            TimeProvider.System,
            NullLogger.Instance
        );
    }

    /// <summary>The channel that deliveries come by.</summary>
    public long ChannelEpoch { get; private set; }

    /// <summary>Whether the partition has been with another silo since the channel before.</summary>
    public bool WasElsewhere { get; set; }

    /// <summary>Whether the channel is closed, and what it has brought is still on its way.</summary>
    public bool IsClosed { get; set; }

    public ConcurrentQueue<(long ChannelEpoch, ulong Tag)> Acknowledged { get; } = new();

    public IReadOnlyList<(string Queue, long ChannelEpoch)> Channels => [(Partition, ChannelEpoch)];

    public Task<ulong?> OldestAsync() => _turns.StartNew(() => _users.Oldest);

    /// <summary>A channel is opened.</summary>
    public Task BeginAsync(long channelEpoch) =>
        _turns.StartNew(() =>
        {
            ChannelEpoch = channelEpoch;
            _users.Begin(channelEpoch);
        });

    public Task DeliverAsync(ulong tag, Notification notification, params string[] users) =>
        _turns.StartNew(() =>
        {
            _users.Deliver(new UserDelivery(tag, Redelivered: false, notification, [.. users.Select(user => new Recipient(user, $"user.{user}"))]));
            _users.SendAll();
        });

    /// <summary>Tells the dispatcher what shards have settled.</summary>
    public Task SettleAsync() =>
        _turns.StartNew(() => _users.Settled([.. _silo.Settled.All.Select(delivery => new SettledDelivery(delivery.Tag, delivery.User))]));

    public void Settle(string queue, long channelEpoch, ulong tag) => Acknowledged.Enqueue((channelEpoch, tag));

    public void Hold(string queue, long channelEpoch, ulong tag) => throw new NotSupportedException();

    public bool HasHadSince(string queue, long channelEpoch) => !WasElsewhere;

    public bool IsCurrent(string queue, long channelEpoch) => channelEpoch == ChannelEpoch && !IsClosed;

    public Task RedeliverAsync(string queue, long channelEpoch) => throw new NotSupportedException();

    public Task ReassignAsync() => throw new NotSupportedException();

    public Task RedeliverAsync(string queue, long channelEpoch, long newerThan) => throw new NotSupportedException();
}
