namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// When a client is asked to prove that it is there, and has what was written. A probe bears the number of the last message before it. Times in milliseconds
/// as <see cref="SessionClock.Now"/>. Not thread-safe.
/// </summary>
internal struct Probes()
{
    /// <summary>Milliseconds between two, so that a session of many small bursts costs at most four a second.</summary>
    public const long Interval = 250;

    /// <summary>Milliseconds between two when nobody waits for the proof: an answer costs as much as a message.</summary>
    public const long SlowInterval = 1000;

    private long _askedAt = -SlowInterval;
    private long _number;
    private bool _isOpen;

    /// <summary>Whether an answer is waited for.</summary>
    public readonly bool IsOpen => _isOpen;

    /// <summary>When the next one may be sent; not before the last is answered.</summary>
    public readonly long NextDue(long interval = Interval) => _isOpen ? SessionClock.Never : _askedAt + interval;

    /// <summary>Since when an answer is waited for; <see cref="SessionClock.Never"/> when none is.</summary>
    public readonly long OpenSince => _isOpen ? _askedAt : SessionClock.Never;

    /// <summary>Whether it was asked about everything up to this message.</summary>
    public readonly bool HasAsked(long number) => _number >= number;

    /// <summary>Whether an answer about everything up to this message is waited for.</summary>
    public readonly bool Covers(long number) => _isOpen && _number >= number;

    public void Ask(long number, long now)
    {
        // An answer is waited for since the first that has none.
        if (!_isOpen)
            _askedAt = now;
        (_number, _isOpen) = (number, true);
    }

    /// <summary>An answer has come.</summary>
    /// <returns>False when nothing so new was asked for: then it proves nothing.</returns>
    public bool TryAnswer(long number)
    {
        if (number < 0 || number > _number)
            return false;
        if (number == _number)
            _isOpen = false;
        return true;
    }
}
