using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;
using NotifyOrleans.Grains.Interfaces.Topics;
using NotifyOrleans.Grains.Topics;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>An open link to one edge, and the subscriptions that are served by it.</summary>
internal sealed class EdgeLink : IEdgeLink
{
    private readonly Lock _lock = new();
    private readonly Dictionary<long, string> _subscriptions = [];
    private readonly Dictionary<long, ILinkedConsumer> _consumers = [];
    private readonly LinkLane[] _lanes;
    private readonly Action<EdgeLink, string, UserSubscription[]> _ended;
    private readonly TimeProvider _time;
    private long _beatAt;

    public EdgeLink(
        string edge,
        long number,
        string silo,
        IDeliveryObserver[] lanes,
        DeliveryOptions options,
        DeliveryMetrics metrics,
        TimeProvider time,
        ILogger logger,
        Action<EdgeLink, string, UserSubscription[]> ended
    )
    {
        Edge = edge;
        Number = number;
        _ended = ended;
        _time = time;
        _beatAt = time.GetTimestamp();
        _lanes = [.. lanes.Select((observer, lane) => new LinkLane(this, lane, silo, observer, options, metrics, time, logger))];
    }

    public string Edge { get; }

    public long Number { get; }

    public bool IsOpen { get; private set; } = true;

    /// <summary>How long the edge has been silent.</summary>
    public TimeSpan Silence => _time.GetElapsedTime(Volatile.Read(ref _beatAt));

    public void Beat() => Volatile.Write(ref _beatAt, _time.GetTimestamp());

    public void Push(int lane, MailboxPush push) => _lanes[lane % _lanes.Length].Push(push);

    public void Push(int lane, QueuePush push) => _lanes[lane % _lanes.Length].Push(push);

    /// <summary>
    /// Messages of one partition take one lane, so that they stay in order: those of a routing key, and the positions in the partition's durable log.
    /// </summary>
    public void Push(string partition, TopicPush push) => _lanes[LaneOf(partition, _lanes.Length)].Push(push);

    /// <summary>Tells the edge of a topic message that it has missed and that is not remembered any more.</summary>
    public void Drop(LoggedTopic missed) => _lanes[LaneOf(missed.Partition, _lanes.Length)].Drop(missed);

    /// <summary>
    /// Tells the edge, in one lane, that it may have missed topic messages between these numbers of which not even their keys are known any more.
    /// </summary>
    public void DropUnknown(int lane, long first, long last) => _lanes[lane].DropUnknown(first, last);

    /// <summary>For each lane the number up to which the edge has, or was told of, every topic message that the link was given.</summary>
    /// <param name="newest">The number of the newest message that there is.</param>
    public long[] TopicsAcceptedUpTo(long newest) => [.. _lanes.Select(lane => lane.AcceptedUpTo(newest))];

    /// <summary>Says how far a partition's durable log has come, behind all that was pushed of it.</summary>
    public void Mark(LogPosition mark) => _lanes[LaneOf(mark.Log, _lanes.Length)].Mark(mark);

    /// <summary>The lane of a partition's topic messages, the same for all links of this silo with so many lanes.</summary>
    public static int LaneOf(string partition, int lanes) => (int)((uint)partition.GetHashCode(StringComparison.Ordinal) % (uint)lanes);

    /// <summary>Topic patterns that the edge has subscribers for; kept by <see cref="Topics.TopicFanout"/>.</summary>
    public HashSet<TopicInterest> Interests { get; } = [];

    public bool TryTrack(string user, long subscription)
    {
        lock (_lock)
        {
            if (IsOpen)
                _subscriptions[subscription] = user;
            return IsOpen;
        }
    }

    public void Untrack(long subscription)
    {
        lock (_lock)
            _subscriptions.Remove(subscription);
    }

    public bool Tracks(long subscription)
    {
        lock (_lock)
            return _subscriptions.ContainsKey(subscription);
    }

    public bool TryTrack(ILinkedConsumer consumer)
    {
        ILinkedConsumer? former;
        lock (_lock)
        {
            if (!IsOpen || (_consumers.TryGetValue(consumer.Subscription, out former) && former.Registration > consumer.Registration))
                return false;
            _consumers[consumer.Subscription] = consumer;
        }
        former?.End();
        return true;
    }

    public void Untrack(ILinkedConsumer consumer)
    {
        lock (_lock)
        {
            if (_consumers.TryGetValue(consumer.Subscription, out var tracked) && tracked == consumer)
                _consumers.Remove(consumer.Subscription);
        }
    }

    /// <summary>Settles a message of a broker queue; what belongs to a consumer that has ended has gone back already.</summary>
    public void Settle(in Settlement settlement)
    {
        ILinkedConsumer? consumer;
        lock (_lock)
            _consumers.TryGetValue(settlement.Subscription, out consumer);
        consumer?.Settle(settlement);
    }

    /// <summary>A subscription to a broker queue has ended at the edge.</summary>
    public void End(EndedQueue ended)
    {
        ILinkedConsumer? consumer;
        lock (_lock)
        {
            if (!_consumers.TryGetValue(ended.Subscription, out consumer) || consumer.Registration > ended.Registration)
                return;
            _consumers.Remove(ended.Subscription);
        }
        consumer.End();
    }

    /// <summary>Ends the link; what its subscriptions have not settled goes to others.</summary>
    public void End(string reason)
    {
        UserSubscription[] lost;
        ILinkedConsumer[] consumers;
        lock (_lock)
        {
            if (!IsOpen)
                return;
            IsOpen = false;
            lost = [.. _subscriptions.Select(subscription => new UserSubscription(subscription.Value, subscription.Key, Lost: true))];
            _subscriptions.Clear();
            consumers = [.. _consumers.Values];
            _consumers.Clear();
        }
        foreach (var consumer in consumers)
            consumer.End();
        _ended(this, reason, lost);
    }
}
