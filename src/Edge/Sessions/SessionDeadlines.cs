using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// What a session owes to the clock, but for the proof of its messages: its client signs in in time and is not silent, its token has an end, and the client is
/// to hear from it. Times in milliseconds as <see cref="SessionClock.Now"/>.
/// </summary>
internal sealed class SessionDeadlines(ISessionOutput output, SessionClock clock, StompOptions options)
{
    /// <summary>Milliseconds by which the clock of a silo, which refuses everything to a token that has ended, may be ahead.</summary>
    private const long ClockTolerance = 1000;

    private HeartBeat _heartBeat;
    private long _expiryDue = SessionClock.Never;

    /// <summary>When somebody has to have signed in.</summary>
    public long LoginDue { get; } = clock.Now + (long)options.LoginTimeout.TotalMilliseconds;

    /// <summary>Whether the token has ended, by a silo's clock at least.</summary>
    public bool HasTokenEnded => clock.Now >= _expiryDue - ClockTolerance;

    /// <summary>When there is next something to do; for a session that has signed in.</summary>
    public long NextDue => Math.Min(_expiryDue, Math.Min(_heartBeat.BeatDue(output.LastWrite), _heartBeat.DeadDue(output.LastRead)));

    /// <param name="agreed">What CONNECTED says.</param>
    public void Agree(StompHeartBeat agreed) => _heartBeat = new HeartBeat(agreed);

    /// <param name="expiresAt">When the token ends; null when it does not.</param>
    public void Expire(DateTimeOffset? expiresAt) => _expiryDue = expiresAt is { } end ? clock.Of(end) : SessionClock.Never;

    /// <summary>What a session that has signed in ends for; null for nothing.</summary>
    public StompError? FindMissed(long now)
    {
        if (now >= _expiryDue)
            return StompErrors.TokenExpired();
        // While nothing is read, the client's silence says nothing.
        var lastRead = output.IsReading ? output.LastRead : now;
        return now >= _heartBeat.DeadDue(lastRead) ? StompErrors.HeartBeatLost() : null;
    }

    /// <summary>Whether a heart-beat has to be sent.</summary>
    public bool IsBeatDue(long now) => now >= _heartBeat.BeatDue(output.LastWrite);
}
