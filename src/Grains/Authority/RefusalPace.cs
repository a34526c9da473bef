namespace NotifyOrleans.Grains.Authority;

/// <summary>
/// Answers that a token is refused leave at a pace, so that a flood of bad tokens has to wait for itself and leaves the machine to the good ones, which never
/// wait. (The broker tells no address with a token, so this cannot tell one flood from another; edges can, and slow down whoever it is.)
/// </summary>
public sealed class RefusalPace(TimeProvider time)
{
    /// <summary>
    /// Refusals a second and silo, and as many at once: all clients whose tokens ended together still hear of it at the speed at which they can connect.
    /// </summary>
    internal const int PerSecond = 1000;

    /// <summary>No refusal waits longer: below the patience of the broker (5 s) and of clients.</summary>
    internal static readonly TimeSpan MaxWait = TimeSpan.FromSeconds(1);

    private const long Interval = TimeSpan.TicksPerSecond / PerSecond;
    private const long Burst = (PerSecond - 1) * Interval;

    /// <summary>When, in ticks, everything that was counted will have been answered at the pace.</summary>
    private long _busyUntil;

    /// <summary>Completes when the next refusal may be told.</summary>
    public Task WaitAsync()
    {
        var now = time.GetElapsedTime(0).Ticks;
        while (true)
        {
            var known = Volatile.Read(ref _busyUntil);
            var start = Math.Max(known, now);
            var wait = start - now - Burst;
            if (wait > MaxWait.Ticks)
                return Task.Delay(MaxWait, time);
            if (Interlocked.CompareExchange(ref _busyUntil, start + Interval, known) == known)
                return wait > 0 ? Task.Delay(TimeSpan.FromTicks(wait), time) : Task.CompletedTask;
        }
    }
}
