using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// What a client has got (rule 6 of the delivery protocol): which messages of <c>ack:auto</c> are proved to have arrived, when the client is asked, and when
/// one that reads nothing is given up. An ended subscription stays until its last messages are proved, for a moment.
/// </summary>
internal sealed class ArrivalProof
{
    /// <summary>Milliseconds that an ended subscription has for the proof of its last messages: a round trip. What is not proved by then goes back.</summary>
    private const long ProofTimeout = 1000;

    private readonly Lock _gate;
    private readonly ISessionOutput _output;
    private readonly SessionClock _clock;
    private readonly Action _wake;
    private readonly long _pingInterval;
    private readonly long _answerTimeout;
    private HashSet<Subscription>? _leaving;
    private UnprovedMessages? _unproved;
    private Probes _probes = new();
    private long _lastMessage;
    private long _lastAnswer;
    private long _unaskedSince;
    private long _leavingDue = SessionClock.Never;
    private long _scheduledFor = SessionClock.Never;

    /// <param name="gate">The session's lock: what ends and what is sent must not cross.</param>
    /// <param name="output">Where probes go.</param>
    /// <param name="clock">The clock.</param>
    /// <param name="options">Times.</param>
    /// <param name="wake">Has the session look at its clock anew.</param>
    public ArrivalProof(Lock gate, ISessionOutput output, SessionClock clock, StompOptions options, Action wake)
    {
        (_gate, _output, _clock, _wake) = (gate, output, clock, wake);
        _pingInterval = (long)options.PingInterval.TotalMilliseconds;
        _answerTimeout = (long)options.AnswerTimeout.TotalMilliseconds;
    }

    /// <summary>Messages that were written and are not proved to have arrived.</summary>
    public int Count
    {
        get
        {
            lock (_gate)
                return _unproved?.Count ?? 0;
        }
    }

    /// <summary>When there is next something to do by the clock.</summary>
    public long NextDue()
    {
        lock (_gate)
            return Math.Min(_leavingDue, Math.Min(DeafDue(), ProbeDue()));
    }

    /// <summary>Whether the client has read nothing for so long that it is given up.</summary>
    public bool IsDeaf(long now)
    {
        lock (_gate)
            return now >= DeafDue();
    }

    /// <summary>Does what has to be done by the clock.</summary>
    public void OnDue(long now)
    {
        bool isProbeDue,
            isOver;
        lock (_gate)
        {
            _scheduledFor = SessionClock.Never;
            (isProbeDue, isOver) = (now >= ProbeDue(), now >= _leavingDue);
        }
        if (isProbeDue)
            _output.Probe();
        if (isOver)
            GiveBack();
    }

    /// <summary>A message is about to be sent; called under the session's lock.</summary>
    /// <returns>Its number, which rises over the session.</returns>
    public long Begin(in SubscribedMessage message)
    {
        if (_probes.HasAsked(_lastMessage))
            _unaskedSince = _clock.Now;
        _lastMessage++;
        if (message.Subscription is { AckMode: AckMode.Auto, SettlesWhenWritten: false })
            (_unproved ??= new UnprovedMessages()).Add(_lastMessage, message);
        return _lastMessage;
    }

    /// <summary>
    /// Whether a probe is to be sent behind what was written: for the proof that <c>ack:auto</c> settles by, or because nothing was heard for long.
    /// </summary>
    /// <param name="isFlushed">Whether nothing more is to be written at once, which would want a proof too.</param>
    /// <param name="number">The probe's number.</param>
    public bool TryProbe(bool isFlushed, out long number)
    {
        lock (_gate)
        {
            number = _lastMessage;
            var now = _clock.Now;
            if (now >= ProbeDue() && (isFlushed || _unproved?.AreMany == true))
            {
                _probes.Ask(number, now);
                return true;
            }
        }
        if (isFlushed)
            ProbeOrWait();
        return false;
    }

    /// <summary>The client has answered the probe of this number: it has got every message up to it.</summary>
    public void OnAnswer(long number)
    {
        lock (_gate)
        {
            if (!_probes.TryAnswer(number))
                return;
            _lastAnswer = _clock.Now;
        }
        Prove(number);
        ProbeOrWait();
    }

    /// <summary>The client has got every message up to this number.</summary>
    public void Prove(long number)
    {
        List<SubscribedMessage> proved;
        lock (_gate)
        {
            if (_unproved is not { IsEmpty: false })
                return;
            proved = _unproved.Take(number);
        }
        foreach (var message in proved)
            message.Subscription.Settle(message, SettlementOutcome.Settled);
        EndLeaving(all: false);
    }

    /// <summary>Subscriptions take nothing more. Those of which nothing is to be proved are gone at once, the others when it is.</summary>
    public void End(IReadOnlyCollection<Subscription> subscriptions, bool mayProve)
    {
        List<Subscription> gone = [];
        lock (_gate)
        {
            foreach (var subscription in subscriptions)
            {
                subscription.Close();
                if (mayProve && _output.CanProbe && subscription.Unproved > 0)
                    (_leaving ??= []).Add(subscription);
                else
                    gone.Add(subscription);
            }
            if (_leaving is not null)
                _leavingDue = _clock.Now + ProofTimeout;
        }
        foreach (var subscription in gone)
            subscription.End();
        if (gone.Count < subscriptions.Count)
        {
            _output.Probe();
            _wake();
        }
    }

    /// <summary>Nothing more will be heard of: what is not proved goes back.</summary>
    public void GiveBack() => EndLeaving(all: true);

    private void EndLeaving(bool all)
    {
        List<Subscription> gone;
        lock (_gate)
        {
            if (_leaving is null)
                return;
            gone = [.. _leaving.Where(subscription => all || subscription.Unproved == 0)];
            _leaving.ExceptWith(gone);
            if (_leaving.Count == 0)
                (_leaving, _leavingDue) = (null, SessionClock.Never);
        }
        foreach (var subscription in gone)
            subscription.End();
    }

    /// <summary>Has proof asked for if it is time, or else as soon as it is. While a probe is open, its answer looks after that.</summary>
    private void ProbeOrWait()
    {
        bool isDue;
        lock (_gate)
        {
            if (_unproved is not { IsEmpty: false } || ProbeDue() is not (var due and not SessionClock.Never))
                return;
            isDue = _clock.Now >= due;
            if (!isDue && due >= _scheduledFor)
                return;
            if (!isDue)
                _scheduledFor = due;
        }
        if (isDue)
            _output.Probe();
        else
            _wake();
    }

    /// <summary>When a client that reads nothing is given up: it does not answer, or what is being written does not go away.</summary>
    private long DeafDue()
    {
        var unanswered = _probes.OpenSince;
        if (unanswered != SessionClock.Never)
            unanswered = _output.IsReading ? Math.Max(unanswered, _output.ReadingSince) : SessionClock.Never;
        var since = Math.Min(unanswered, _output.WritingSince);
        return since == SessionClock.Never ? since : since + _answerTimeout;
    }

    /// <summary>When the client is next asked: for the proof of messages, or, after a long silence, whether it is there.</summary>
    private long ProbeDue()
    {
        if (!_output.CanProbe || _probes.Covers(_lastMessage))
            return SessionClock.Never;
        if (_unproved is { IsEmpty: false })
            // What ends does not wait for its turn, and much not for the end of a pause. Of live topics nothing is kept in a silo until it is proved.
            return _leaving is not null || (_unproved.AreMany && !_probes.IsOpen)
                ? 0
                : _probes.NextDue(_unproved.AreLossy ? Probes.SlowInterval : Probes.Interval);
        // Who sends may still read nothing: what was written is asked about some time too.
        var silent = Math.Max(_lastAnswer, _output.IsReading ? _output.LastRead : _clock.Now);
        var since = _probes.HasAsked(_lastMessage) ? silent : Math.Min(silent, _unaskedSince);
        return _probes.IsOpen ? SessionClock.Never : Math.Max(_probes.NextDue(), since + _pingInterval);
    }
}
