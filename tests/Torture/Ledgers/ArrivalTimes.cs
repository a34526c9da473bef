namespace NotifyOrleans.Torture.Ledgers;

/// <summary>When anything arrived at anybody, to a tenth of a second.</summary>
public sealed class ArrivalTimes
{
    private static readonly TimeSpan Resolution = TimeSpan.FromMilliseconds(100);

    // Four hours; what comes later is not looked at.
    private readonly bool[] _buckets = new bool[4 * 60 * 60 * 10];

    public void Add(TimeSpan at)
    {
        var bucket = (int)(at / Resolution);
        if (bucket < _buckets.Length)
            Volatile.Write(ref _buckets[bucket], true);
    }

    /// <summary>The longest time within a span in which nothing arrived.</summary>
    public TimeSpan LongestSilence(TimeSpan from, TimeSpan to)
    {
        var longest = 0;
        var silent = 0;
        for (var bucket = (int)(from / Resolution); bucket < Math.Min((int)(to / Resolution), _buckets.Length); bucket++)
        {
            silent = Volatile.Read(ref _buckets[bucket]) ? 0 : silent + 1;
            longest = Math.Max(longest, silent);
        }
        return longest * Resolution;
    }
}
