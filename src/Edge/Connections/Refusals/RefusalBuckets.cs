namespace NotifyOrleans.Edge.Connections.Refusals;

/// <summary>
/// Leaky buckets (as the generic cell rate algorithm of ATM) in a table of fixed size: whoever makes up addresses and logins takes no memory. Two who share a
/// bucket by chance share its limit; who that is cannot be chosen from outside, since hashes of texts are seeded anew in each process.
/// </summary>
/// <param name="burst">What may come at once.</param>
/// <param name="perSecond">What may come for good.</param>
internal sealed class RefusalBuckets(int burst, double perSecond)
{
    /// <summary>A power of two. 64 Ki buckets are 512 KiB, and 1,000 who are refused at a time meet in 8 of them.</summary>
    private const int Count = 1 << 16;

    private readonly double _interval = TimeSpan.TicksPerSecond / perSecond;

    /// <summary>For each bucket the moment, in ticks, when it will have run dry; the past when it is.</summary>
    private readonly long[] _dryAt = new long[Count];

    /// <summary>Counts one; false, and it does not count, when there were too many.</summary>
    /// <param name="hash">Chooses the bucket.</param>
    /// <param name="now">The time in ticks, from any origin.</param>
    public bool TryAdd(int hash, long now)
    {
        ref var bucket = ref _dryAt[hash & (Count - 1)];
        while (true)
        {
            var known = Volatile.Read(ref bucket);
            var level = Math.Max(known - now, 0);
            if (level > (burst - 1) * _interval)
                return false;
            if (Interlocked.CompareExchange(ref bucket, now + level + (long)_interval, known) == known)
                return true;
        }
    }
}
