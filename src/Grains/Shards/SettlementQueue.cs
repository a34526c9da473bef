using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using NotifyOrleans.Grains.Ingress;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Tells the silos that consume the partition queues what is safe. One call at a time goes to each silo, with all that was settled for a moment: nobody but the
/// broker waits for it, and what is for the broker is collected too. A settlement stays known until it was answered, so that a delivery that is offered again
/// meanwhile is not delivered again; of one that was late, as long as a call that has begun before may still come.
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

    // A dispatcher offers again what was accepted 3 s ago; a slow machine may be between the two.
    private static readonly TimeSpan LateAfter = TimeSpan.FromSeconds(2);

    // Orleans drops a call that is older.
    private static readonly TimeSpan KeepLateFor = TimeSpan.FromSeconds(30);

    // With whether it was late.
    private readonly ConcurrentDictionary<DeliveryRef, bool> _known = new();
    private readonly Queue<(TimeSpan Until, DeliveryRef Delivery)> _late = new();
    private readonly ConcurrentDictionary<string, OriginLane> _lanes = new();

    /// <summary>
    /// Whether a delivery was settled, and may be offered again all the same: by who has not heard of it yet, or by a call that began before.
    /// </summary>
    public bool IsKnown(in DeliveryRef delivery) => _known.ContainsKey(delivery);

    /// <param name="delivery">What is safe.</param>
    /// <param name="acceptedAt">When it came (<see cref="TimeProviderExtensions.Uptime"/>).</param>
    public void Settle(in DeliveryRef delivery, TimeSpan acceptedAt)
    {
        if (!_known.TryAdd(delivery, time.Uptime() - acceptedAt > LateAfter))
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
        ThreadPool.UnsafeQueueUserWorkItem(
            static state => _ = state.Queue.SendAsync(state.Origin, state.Lane),
            (Queue: this, delivery.Origin, Lane: lane),
            preferLocal: false
        );
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
            Forget(deliveries, wasHeard: await TrySendAsync(origin, relay, batches));
        } while (HasMore(lane));
    }

    private void Forget(List<DeliveryRef> deliveries, bool wasHeard)
    {
        var now = time.Uptime();
        lock (_late)
        {
            while (_late.TryPeek(out var oldest) && oldest.Until <= now)
                _known.TryRemove(_late.Dequeue().Delivery, out _);
            foreach (var delivery in deliveries)
            {
                // Who has not heard of it offers it again, and is to be told then.
                if (wasHeard && _known[delivery])
                    _late.Enqueue((now + KeepLateFor, delivery));
                else
                    _known.TryRemove(delivery, out _);
            }
        }
    }

    /// <returns>Whether it was told.</returns>
    private async Task<bool> TrySendAsync(string origin, ISettlementRelayGrain relay, SettledBatch[] batches)
    {
        var begun = time.GetTimestamp();
        while (true)
        {
            try
            {
                await relay.RelayAsync(batches);
                return true;
            }
            catch (SiloUnavailableException)
            {
                // Its channel is closed, and the broker delivers again what it had not acknowledged.
                return false;
            }
            catch (Exception exception)
            {
                if (time.GetElapsedTime(begun) > GiveUpAfter)
                {
                    logger.SettlementsGivenUp(exception, origin);
                    return false;
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
