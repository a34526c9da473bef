using System.Numerics;
using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Provider;

/// <summary>
/// What was read from a queue and not yet handed to its consumer: a ring with a cursor, as each queue is one stream (Orleans' own cache searches all messages
/// for each stream). A delivery leaves it when all cursors are past it. That settles nothing. Called by the queue's pulling agent alone, so without locks.
/// </summary>
/// <param name="prefetch">Deliveries that can be unsettled at a time.</param>
/// <param name="isCurrent">Whether deliveries of a channel epoch can still be settled; others are skipped, the broker delivers them again.</param>
/// <param name="onDeliveryFailure">A delivery of this epoch was given up by the agent.</param>
internal sealed class RingQueueCache(int prefetch, Func<long, bool> isCurrent, Action<long> onDeliveryFailure) : IQueueCache
{
    // Twice the prefetch leaves room for what a lost channel left behind.
    private readonly DeliveryContainer?[] _ring = new DeliveryContainer?[BitOperations.RoundUpToPowerOf2((uint)prefetch * 2)];
    private readonly List<RingQueueCacheCursor> _cursors = [];
    private long _first = 1;
    private long _next = 1;

    public int GetMaxAddCount()
    {
        Purge();
        return _ring.Length - (int)(_next - _first);
    }

    public void AddToCache(IList<IBatchContainer> messages)
    {
        foreach (DeliveryContainer delivery in messages)
        {
            delivery.Place(_next);
            Slot(_next++) = delivery;
        }
    }

    public bool TryPurgeFromCache(out IList<IBatchContainer> purgedItems)
    {
        // Purged where room is asked for; nobody wants to know of it.
        purgedItems = [];
        return false;
    }

    public IQueueCacheCursor GetCacheCursor(StreamId streamId, StreamSequenceToken? token)
    {
        var cursor = new RingQueueCacheCursor(this, Math.Max(token?.SequenceNumber ?? _first, _first));
        _cursors.Add(cursor);
        return cursor;
    }

    public bool IsUnderPressure() => false;

    /// <summary>The first delivery at or after the place that is worth handing on; null when there is none yet.</summary>
    internal DeliveryContainer? Find(ref long place)
    {
        place = Math.Max(place, _first);
        while (place < _next)
        {
            var delivery = Slot(place)!;
            if (isCurrent(delivery.Delivery.ChannelEpoch))
                return delivery;
            place++;
        }
        return null;
    }

    internal void Remove(RingQueueCacheCursor cursor) => _cursors.Remove(cursor);

    internal void Fail(DeliveryContainer delivery) => onDeliveryFailure(delivery.Delivery.ChannelEpoch);

    private void Purge()
    {
        if (_cursors.Count == 0)
            return;
        for (var last = _cursors.Min(cursor => cursor.Place); _first < last; _first++)
            Slot(_first) = null;
    }

    private ref DeliveryContainer? Slot(long place) => ref _ring[place & (_ring.Length - 1)];
}
