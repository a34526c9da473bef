using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Testing;

namespace NotifyOrleans.Edge.Tests.Sessions;

/// <summary>How late a deadline is noticed, such as a token's end, by a clock of the test's own.</summary>
public sealed class SessionClockTests
{
    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(SessionClock.TickMilliseconds);

    private readonly FakeTimeProvider _time = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2000)]
    [InlineData(2001)]
    [InlineData(70_100)]
    public async Task Deadline_IsNoticedWithinASecond_AndNotBefore(int after)
    {
        using var clock = new SessionClock(_time, NullLogger<SessionClock>.Instance);
        var pulse = new Pulse();
        clock.Schedule(pulse, 0);
        await clock.StartAsync(CancellationToken.None);
        await Wait.Until(
            () =>
            {
                _time.Advance(Tick);
                return pulse.Ticks > 0;
            },
            "the clock to tick"
        );
        var deadline = new Deadline(clock.Of(_time.GetUtcNow().AddMilliseconds(after)));
        clock.Schedule(deadline, deadline.Due);

        while (clock.Now < deadline.Due + 1000)
        {
            var before = pulse.Ticks;
            _time.Advance(Tick);
            await Wait.Until(() => pulse.Ticks > before, "the next tick");
        }

        Assert.InRange(Assert.Single(deadline.Noticed), deadline.Due, deadline.Due + 1000);
        await clock.StopAsync(CancellationToken.None);
    }

    /// <summary>Something that is to be called with each tick.</summary>
    private sealed class Pulse : IClocked
    {
        private int _ticks;

        public int Ticks => Volatile.Read(ref _ticks);

        public int ClockSlot { get; set; } = -1;

        public long OnDue(long now)
        {
            Interlocked.Increment(ref _ticks);
            return now + 1;
        }
    }

    /// <summary>A session that has one thing to do, as it is asked again when it was asked too early.</summary>
    private sealed class Deadline(long due) : IClocked
    {
        public long Due => due;

        public List<long> Noticed { get; } = [];

        public int ClockSlot { get; set; } = -1;

        public long OnDue(long now)
        {
            if (now < due)
                return due;
            Noticed.Add(now);
            return SessionClock.Never;
        }
    }
}
