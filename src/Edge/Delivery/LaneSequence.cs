using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Puts the batches of one lane of a link in order: each is taken once, and none before the one in front of it. Not thread-safe.</summary>
/// <param name="maxHeld">Batches that may wait for a missing one.</param>
/// <param name="time">The clock.</param>
internal sealed class LaneSequence(int maxHeld, TimeProvider time)
{
    private readonly SortedDictionary<long, PushBatch> _held = [];
    private long _next = 1;
    private long _gapSince;

    /// <summary>How long a batch has been missing.</summary>
    public TimeSpan Gap => _held.Count == 0 ? TimeSpan.Zero : time.GetElapsedTime(_gapSince);

    /// <summary>
    /// Offers a batch. After true, <see cref="TryTake"/> has what may be delivered: perhaps nothing, when it came before or has overtaken another.
    /// </summary>
    /// <returns>False when it is too far ahead.</returns>
    public bool Offer(PushBatch batch)
    {
        if (batch.Sequence < _next || _held.ContainsKey(batch.Sequence))
            return true;
        if (batch.Sequence > _next && _held.Count >= maxHeld)
            return false;
        if (_held.Count == 0)
            _gapSince = time.GetTimestamp();
        _held.Add(batch.Sequence, batch);
        return true;
    }

    /// <summary>The next batch in order, if it is there.</summary>
    public bool TryTake(out PushBatch batch)
    {
        if (!_held.Remove(_next, out batch!))
            return false;
        _next++;
        // What is still held waits for another one.
        _gapSince = time.GetTimestamp();
        return true;
    }
}
