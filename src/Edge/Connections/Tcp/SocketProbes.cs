namespace NotifyOrleans.Edge.Connections.Tcp;

/// <summary>
/// Probes of a connection without pings: each is answered when the peer's kernel has acknowledged everything that was written before it. The kernel wakes
/// nobody for that, so it is asked again and again, at doubling intervals, while a probe is open.
/// </summary>
internal sealed class SocketProbes(SocketProgress progress)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(2);

    /// <summary>As often as the session's clock ticks.</summary>
    private static readonly TimeSpan LongestPause = TimeSpan.FromMilliseconds(250);

    private readonly Queue<(long Number, long Position)> _open = new();
    private readonly SemaphoreSlim _looking = new(1);
    private bool _watches;

    /// <summary>Called when the probe of this number is answered.</summary>
    public Action<long>? Answered { get; set; }

    /// <summary>Asks about everything that was written so far.</summary>
    public void Ask(long number)
    {
        lock (_open)
        {
            _open.Enqueue((number, progress.Written));
            if (_watches)
                return;
            _watches = true;
        }
        _ = WatchAsync();
    }

    /// <summary>Completes when what can be answered now is answered, by whoever looks.</summary>
    /// <returns>Whether there is something left to wait for.</returns>
    public async ValueTask<bool> LookAsync()
    {
        await _looking.WaitAsync();
        try
        {
            var lives = progress.TryGetAcked(out var acked);
            long? answered = null;
            bool isOpen;
            lock (_open)
            {
                while (_open.TryPeek(out var probe) && probe.Position <= acked)
                    answered = _open.Dequeue().Number;
                isOpen = lives && _open.Count > 0;
                _watches &= isOpen;
            }
            if (answered is { } number)
                Answered?.Invoke(number);
            return isOpen;
        }
        finally
        {
            _looking.Release();
        }
    }

    /// <summary>Completes when the peer's kernel has everything that was written, or nothing more can be waited for.</summary>
    public async Task WhenAllArrivedAsync()
    {
        for (var pause = FirstPause; progress.TryGetAcked(out var acked) && acked < progress.Written; pause = Next(pause))
            await Task.Delay(pause);
    }

    private async Task WatchAsync()
    {
        var pause = FirstPause;
        do
        {
            await Task.Delay(pause);
            pause = Next(pause);
        } while (await LookAsync());
    }

    private static TimeSpan Next(TimeSpan pause) => pause * 2 < LongestPause ? pause * 2 : LongestPause;
}
