namespace NotifyOrleans.Edge.Connections.Draining;

/// <summary>How many sessions may be told by now, so that in no second there are more than the cap. Not thread-safe.</summary>
/// <param name="perSecond">The cap.</param>
/// <param name="time">The clock.</param>
internal sealed class DrainPace(int perSecond, TimeProvider time)
{
    /// <summary>Part of the cap that may come at once after a pause; the steady flow has the rest.</summary>
    private const double Burst = 0.05;

    private readonly double _bucket = Math.Max(1, perSecond * Burst);
    private double _allowance = 1;
    private long _last = time.GetTimestamp();

    /// <summary>Takes what may be told now.</summary>
    public int Take()
    {
        var now = time.GetTimestamp();
        _allowance = Math.Min(_bucket, _allowance + (perSecond * (1 - Burst) * time.GetElapsedTime(_last, now).TotalSeconds));
        _last = now;
        var count = (int)_allowance;
        _allowance -= count;
        return count;
    }
}
