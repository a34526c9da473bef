namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// One ticker for the deadlines of all sessions (heart-beats, login, token expiry, closing), as a wheel of slots: an idle session costs an entry in a slot
/// and no timer of its own.
/// </summary>
internal sealed partial class SessionClock : BackgroundService
{
    /// <summary>No time at all.</summary>
    public const long Never = long.MaxValue;

    /// <summary>
    /// Milliseconds between ticks: how late a deadline can be noticed. Heart-beats are agreed in whole seconds, and the end of a token may be a second late.
    /// </summary>
    public const int TickMilliseconds = 250;

    /// <summary>A full turn is 64 s; what is due later is looked at once a turn.</summary>
    private const int Slots = 256;

    private const int None = -1;

    private readonly HashSet<IClocked>[] _slots = [.. Enumerable.Range(0, Slots).Select(_ => new HashSet<IClocked>())];
    private readonly Lock _gate = new();
    private readonly TimeProvider _time;
    private readonly ILogger<SessionClock> _logger;
    private readonly long _start;
    private long _tick;

    public SessionClock(TimeProvider time, ILogger<SessionClock> logger) => (_time, _logger, _start) = (time, logger, time.GetTimestamp());

    /// <summary>Milliseconds since the edge's start.</summary>
    public long Now => (long)_time.GetElapsedTime(_start).TotalMilliseconds;

    /// <summary>When a moment of the calendar will be, in milliseconds as <see cref="Now"/>.</summary>
    public long Of(DateTimeOffset moment) => Now + (long)(moment - _time.GetUtcNow()).TotalMilliseconds;

    /// <summary>Has something called at a time, in place of the time that was set before.</summary>
    public void Schedule(IClocked item, long due)
    {
        lock (_gate)
        {
            Take(item);
            Put(item, due);
        }
    }

    public void Remove(IClocked item)
    {
        lock (_gate)
            Take(item);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(TickMilliseconds), _time);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            // A late timer makes up for the ticks that it missed.
            for (var now = Now; _tick <= now / TickMilliseconds; )
                Tick(now);
        }
    }

    private void Tick(long now)
    {
        IClocked[] due;
        lock (_gate)
        {
            var slot = _slots[_tick++ % Slots];
            due = [.. slot];
            foreach (var item in due)
                item.ClockSlot = None;
            slot.Clear();
        }
        foreach (var item in due)
        {
            var next = Call(item, now);
            lock (_gate)
            {
                // Unless it was scheduled anew meanwhile.
                if (item.ClockSlot == None)
                    Put(item, next);
            }
        }
    }

    /// <summary>One that fails does not stop the clock of the others.</summary>
    private long Call(IClocked item, long now)
    {
        try
        {
            return item.OnDue(now);
        }
        catch (Exception exception)
        {
            LogFailed(exception);
            return Never;
        }
    }

    private void Put(IClocked item, long due)
    {
        if (due == Never)
            return;
        // The first tick at or after the time, but not one that is over, and at most a turn ahead.
        var tick = Math.Clamp((due + TickMilliseconds - 1) / TickMilliseconds, _tick, _tick + Slots - 1);
        item.ClockSlot = (int)(tick % Slots);
        _slots[item.ClockSlot].Add(item);
    }

    private void Take(IClocked item)
    {
        if (item.ClockSlot != None)
            _slots[item.ClockSlot].Remove(item);
        item.ClockSlot = None;
    }
}
