using System.Numerics;

namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>
/// The deliveries of one channel that the broker waits to hear of. Tags come from 1 without gaps, and are settled in any order; what may be
/// acknowledged is the prefix in which none is missing. At most the prefetch count is between the prefix and the newest tag.
/// </summary>
/// <param name="prefetch">The channel's prefetch count.</param>
/// <param name="time">Clock for the age of the oldest.</param>
internal sealed class AckWindow(int prefetch, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly bool[] _settled = new bool[BitOperations.RoundUpToPowerOf2((uint)prefetch + 1)];
    private ulong _prefix;
    private ulong _newest;
    private ulong _settledCount;
    private long _headSince;
    private long _heldAt;

    /// <summary>The newest tag up to which all are settled; 0 when the first is not.</summary>
    public ulong Prefix
    {
        get
        {
            lock (_lock)
                return _prefix;
        }
    }

    /// <summary>How many deliveries are not settled.</summary>
    public int Unsettled
    {
        get
        {
            lock (_lock)
                return (int)(_newest - _settledCount);
        }
    }

    /// <summary>How long the prefix has been waiting for the same delivery; zero when none is missing.</summary>
    public TimeSpan HeadAge
    {
        get
        {
            lock (_lock)
                return _newest == _prefix ? TimeSpan.Zero : time.GetElapsedTime(_headSince);
        }
    }

    /// <summary>For how long nobody has said that he has the delivery that the prefix is waiting for; zero when none is missing.</summary>
    public TimeSpan LostFor
    {
        get
        {
            lock (_lock)
                return _newest == _prefix ? TimeSpan.Zero : time.GetElapsedTime(Math.Max(_headSince, _heldAt));
        }
    }

    /// <summary>The consumer has a delivery in hand.</summary>
    public void Hold(ulong tag)
    {
        lock (_lock)
        {
            if (tag == _prefix + 1)
                _heldAt = time.GetTimestamp();
        }
    }

    public void Deliver(ulong tag)
    {
        lock (_lock)
        {
            if (_newest == _prefix)
                _headSince = time.GetTimestamp();
            _newest = tag;
        }
    }

    /// <summary>Marks a delivery; one that is marked already, or was never made, changes nothing.</summary>
    /// <returns>Whether the prefix has grown.</returns>
    public bool Settle(ulong tag)
    {
        lock (_lock)
        {
            if (tag <= _prefix || tag > _newest || IsSettled(tag))
                return false;
            IsSettled(tag) = true;
            _settledCount++;
            if (tag != _prefix + 1)
                return false;
            while (_prefix < _newest && IsSettled(_prefix + 1))
                IsSettled(++_prefix) = false;
            _headSince = time.GetTimestamp();
            return true;
        }
    }

    private ref bool IsSettled(ulong tag) => ref _settled[tag & (ulong)(_settled.Length - 1)];
}
