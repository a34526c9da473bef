using Microsoft.Extensions.Time.Testing;

namespace NotifyOrleans.Silo.Tests.Authority.Revocations;

/// <summary>Counts who waits for it, so that nobody begins to wait behind the moment in which it is advanced.</summary>
internal sealed class TimerClock : FakeTimeProvider
{
    private int _timers;

    public int Timers => Volatile.Read(ref _timers);

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = base.CreateTimer(callback, state, dueTime, period);
        Interlocked.Increment(ref _timers);
        return timer;
    }
}
