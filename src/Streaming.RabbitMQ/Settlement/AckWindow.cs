using System.Numerics;

namespace NotifyOrleans.Streaming.RabbitMQ.Settlement;

/// <summary>
/// The deliveries of one channel that the broker waits to hear of. Tags come from 1 without gaps, and are settled in any order. What is acknowledged is the
/// prefix in which none is missing, by one tag; what is settled behind one that takes long, each by itself: it would count as unacknowledged as long as that
/// one, and come again when the channel is lost.
/// </summary>
/// <param name="prefetch">The channel's prefetch count.</param>
/// <param name="time">Clock for the age of the oldest.</param>
internal sealed class AckWindow(int prefetch, TimeProvider time)
{
    /// <summary>Tags behind the prefix from which on none is acknowledged by itself: with the prefetch that bounds how many there are, a byte each.</summary>
    private const ulong MaxSpan = 1 << 20;

    private readonly Lock _lock = new();

    // Settled behind the prefix, and not acknowledged; some may be in the prefix by now.
    private readonly List<ulong> _behind = [];
    private State[] _states = new State[BitOperations.RoundUpToPowerOf2((uint)prefetch + 1)];

    // The newest tag up to which all are settled.
    private ulong _prefix;
    private ulong _newest;
    private ulong _settledCount;

    // Of the prefix: how many are not acknowledged yet, and the newest that was not acknowledged by itself. The broker knows no other tag to end a range with.
    private int _unacknowledged;
    private ulong _newestInRange;
    private long _headSince;
    private long _heldAt;

    private enum State : byte
    {
        Open,
        Settled,
        Acknowledged,
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

    /// <summary>Whether there are settled deliveries behind one that is not, which may have to be acknowledged by themselves.</summary>
    public bool HasSettledBehind
    {
        get
        {
            lock (_lock)
                return _behind.Count > 0;
        }
    }

    /// <summary>How long the prefix has been waiting for the same delivery; zero when none is missing.</summary>
    public TimeSpan HeadAge
    {
        get
        {
            lock (_lock)
                return HeadAgeLocked;
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

    private TimeSpan HeadAgeLocked => _newest == _prefix ? TimeSpan.Zero : time.GetElapsedTime(_headSince);

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
            if (tag - _prefix > (ulong)_states.Length)
                Grow();
            _newest = tag;
        }
    }

    /// <summary>Marks a delivery; one that is marked already, or was never made, changes nothing.</summary>
    /// <returns>Whether it was marked.</returns>
    public bool Settle(ulong tag)
    {
        lock (_lock)
        {
            if (tag <= _prefix || tag > _newest || StateOf(tag) != State.Open)
                return false;
            StateOf(tag) = State.Settled;
            _settledCount++;
            if (tag == _prefix + 1)
                MovePrefix();
            else
                _behind.Add(tag);
            return true;
        }
    }

    /// <summary>What the broker is to be told now; it counts as told.</summary>
    /// <param name="headAge">For how long a delivery must have been missing for those behind it to be acknowledged by themselves.</param>
    public Acknowledgement Take(TimeSpan headAge)
    {
        lock (_lock)
        {
            _behind.RemoveAll(tag => tag <= _prefix);
            ulong[] byThemselves = [];
            if (_behind.Count > 0 && HeadAgeLocked >= headAge && _newest - _prefix < MaxSpan)
            {
                byThemselves = [.. _behind];
                foreach (var tag in byThemselves)
                    StateOf(tag) = State.Acknowledged;
                _behind.Clear();
            }
            var taken = new Acknowledgement(_unacknowledged > 0 ? _newestInRange : 0, byThemselves, _unacknowledged + byThemselves.Length);
            _unacknowledged = 0;
            return taken;
        }
    }

    private void MovePrefix()
    {
        while (_prefix < _newest && StateOf(_prefix + 1) is not State.Open and var state)
        {
            StateOf(++_prefix) = State.Open;
            if (state == State.Acknowledged)
                continue;
            _newestInRange = _prefix;
            _unacknowledged++;
        }
        _headSince = time.GetTimestamp();
    }

    /// <summary>More than the prefetch are behind the prefix only when some of them are acknowledged.</summary>
    private void Grow()
    {
        var former = _states;
        _states = new State[2 * former.Length];
        for (var tag = _prefix + 1; tag <= _newest; tag++)
            StateOf(tag) = former[tag & (ulong)(former.Length - 1)];
    }

    private ref State StateOf(ulong tag) => ref _states[tag & (ulong)(_states.Length - 1)];
}
