using Orleans.Streams;

namespace NotifyOrleans.Streaming.RabbitMQ.Provider;

/// <summary>A consumer's place in the cache.</summary>
internal sealed class RingQueueCacheCursor(RingQueueCache cache, long place) : IQueueCacheCursor
{
    private long _place = place;
    private DeliveryContainer? _current;

    /// <summary>What it hands on next; everything before it is handed on.</summary>
    public long Place => _place;

    public IBatchContainer? GetCurrent(out Exception? exception)
    {
        exception = null;
        return _current;
    }

    public bool MoveNext()
    {
        if (cache.Find(ref _place) is not { } delivery)
            return false;
        _current = delivery;
        _place++;
        return true;
    }

    public void Refresh(StreamSequenceToken token) { }

    public void RecordDeliveryFailure()
    {
        if (_current is not null)
            cache.Fail(_current);
    }

    public void Dispose() => cache.Remove(this);
}
