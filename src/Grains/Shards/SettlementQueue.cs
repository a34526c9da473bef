using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Tells the silos that consume the partition queues what is safe. One call at a time goes to each silo, with all that was settled for a moment: nobody but the broker waits for it, and what is for the
/// broker is collected too. A settlement stays known until it was answered, so that a delivery that is offered again meanwhile is not delivered again.
/// </summary>
internal sealed class SettlementQueue(IGrainFactory grains, TimeProvider time, ILogger<SettlementQueue> logger)
{
    // A call this large takes about a millisecond; more only makes the first of them wait for the last.
    private const int MaxBatch = 1024;

    // A call for each would cost as much as the delivery itself.
    private static readonly TimeSpan CollectFor = TimeSpan.FromMilliseconds(25);

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(200);

    // A dispatcher that was not reached for so long has offered the deliveries again, or its silo has left.
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<DeliveryRef, byte> _unanswered = new();
    private readonly ConcurrentDictionary<string, OriginLane> _lanes = new();

    public bool IsUnderWay(in DeliveryRef delivery) => _unanswered.ContainsKey(delivery);

    public void Settle(in DeliveryRef delivery)
    {
        if (!_unanswered.TryAdd(delivery, 0))
            return;
        var lane = _lanes.GetOrAdd(delivery.Origin, static _ => new OriginLane());
        lock (lane)
        {
            lane.Waiting.Enqueue(delivery);
            if (lane.Running)
                return;
            lane.Running = true;
        }
        // Off the caller's scheduler: the caller may be a grain, and the calls are nobody's in particular.
        ThreadPool.UnsafeQueueUserWorkItem(static state => _ = state.Queue.SendAsync(state.Origin, state.Lane), (Queue: this, delivery.Origin, Lane: lane), preferLocal: false);
    }

    private async Task SendAsync(string origin, OriginLane lane)
    {
        var relay = grains.GetGrain<ISettlementRelayGrain>(LinkKey.Of(origin, "settlements"));
        do
        {
            if (!IsFull(lane))
                await Task.Delay(CollectFor, time);
            var deliveries = Take(lane);
            var batches = deliveries
                .GroupBy(delivery => (delivery.Queue, delivery.ChannelEpoch))
                .Select(group => new SettledBatch
                {
                    Queue = group.Key.Queue,
                    ChannelEpoch = group.Key.ChannelEpoch,
                    Deliveries = [.. group.Select(delivery => new SettledDelivery(delivery.Tag, delivery.User))],
                })
                .ToArray();
            await SendAsync(origin, relay, batches);
            foreach (var delivery in deliveries)
                _unanswered.TryRemove(delivery, out _);
        }
        while (HasMore(lane));
    }

    private async Task SendAsync(string origin, ISettlementRelayGrain relay, SettledBatch[] batches)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                await relay.RelayAsync(batches);
                return;
            }
            catch (SiloUnavailableException)
            {
                // Its channel is closed, and the broker delivers again what it had not acknowledged.
                return;
            }
            catch (Exception exception)
            {
                if (time.GetElapsedTime(begun) > GiveUpAfter)
                {
                    logger.SettlementsGivenUp(exception, origin);
                    return;
                }
                await Task.Delay(RetryDelay, time);
            }
        }
    }

    private static bool IsFull(OriginLane lane)
    {
        lock (lane)
            return lane.Waiting.Count >= MaxBatch;
    }

    private static List<DeliveryRef> Take(OriginLane lane)
    {
        lock (lane)
        {
            List<DeliveryRef> deliveries = new(Math.Min(MaxBatch, lane.Waiting.Count));
            while (deliveries.Count < MaxBatch && lane.Waiting.TryDequeue(out var delivery))
                deliveries.Add(delivery);
            return deliveries;
        }
    }

    private static bool HasMore(OriginLane lane)
    {
        lock (lane)
            return lane.Running = lane.Waiting.Count > 0;
    }

    private sealed class OriginLane
    {
        public Queue<DeliveryRef> Waiting { get; } = new();

        public bool Running { get; set; }
    }
}
