using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>Heart-beats of one session, both ways (STOMP 1.2, "Heart-beating"). Times in milliseconds as <see cref="SessionClock.Now"/>.</summary>
internal struct HeartBeat
{
    /// <summary>
    /// Intervals of silence after which a client counts as gone. The reference looks once in an interval, and gives up when it has seen nothing twice: with
    /// 2000,0 it was measured to close after 6 s. Nobody is cut off here whom it keeps.
    /// </summary>
    private const int MissedIntervals = 3;

    private readonly int _outgoing;
    private readonly int _incoming;

    /// <param name="agreed">What CONNECTED said.</param>
    public HeartBeat(StompHeartBeat agreed)
    {
        // Two ticks before the time, as the clock may be one late and the network needs some; never more often than twice an interval.
        _outgoing = agreed.Outgoing == 0 ? 0 : Math.Max(agreed.Outgoing / 2, agreed.Outgoing - (2 * SessionClock.TickMilliseconds));
        _incoming = agreed.Incoming;
    }

    /// <summary>When the next beat has to be sent if nothing else is before.</summary>
    public readonly long BeatDue(long lastWrite) => _outgoing == 0 ? SessionClock.Never : lastWrite + _outgoing;

    /// <summary>When the client counts as gone if nothing comes before.</summary>
    public readonly long DeadDue(long lastRead) => _incoming == 0 ? SessionClock.Never : lastRead + ((long)MissedIntervals * _incoming);
}
