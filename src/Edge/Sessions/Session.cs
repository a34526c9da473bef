using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Publishing;
using NotifyOrleans.Edge.Queues;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Negotiation;
using NotifyOrleans.Stomp.Writing;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// A STOMP conversation: who it is, what is subscribed, what waits for an ACK, which transactions are open. It outlives no connection, and does not know
/// what kind of connection it is.
/// </summary>
internal sealed class Session
{
    /// <summary>Milliseconds that an ended subscription has for the proof of its last messages: a round trip. What is not proved by then goes back.</summary>
    private const long ProofTimeout = 1000;

    private readonly Lock _gate = new();
    private readonly ISessionOutput _output;
    private readonly SessionClock _clock;
    private readonly ConnectionMetrics _metrics;
    private readonly long _loginDue;
    private readonly long _pingInterval;
    private readonly long _answerTimeout;
    private Dictionary<string, Subscription>? _subscriptions;
    private HashSet<Subscription>? _leaving;
    private UnackedMessages? _unacked;
    private UnprovedMessages? _unproved;
    private Probes _probes = new();
    private HeartBeat _heartBeat;
    private long _lastAnswer;
    private long _unaskedSince;
    private long _leavingDue = SessionClock.Never;
    private bool _proofIsScheduled;
    private long _expiryDue = SessionClock.Never;
    private long _lastMessage;
    private long _heldBytes;

    public Session(ISessionOutput output, SessionClock clock, StompOptions options, ConnectionMetrics metrics)
    {
        _output = output;
        _clock = clock;
        _metrics = metrics;
        _loginDue = clock.Now + (long)options.LoginTimeout.TotalMilliseconds;
        _pingInterval = (long)options.PingInterval.TotalMilliseconds;
        _answerTimeout = (long)options.AnswerTimeout.TotalMilliseconds;
        Window = new WindowBudget(options.SessionWindowBytes);
        Confirms = new PendingConfirms(options.MaxUnconfirmed);
        Transactions = new TransactionTable(options);
    }

    /// <summary>Unique among all sessions of all edges.</summary>
    public string Id { get; } = SessionIds.Next();

    /// <summary>The version that was negotiated; 1.2 before that.</summary>
    public StompVersion Version { get; private set; } = StompVersion.V12;

    /// <summary>Who signed in; null before that.</summary>
    public Identity? Identity { get; private set; }

    /// <summary>The peer's address, when it is known.</summary>
    public string? PeerAddress => _output.PeerAddress;

    /// <summary>The host name that the client connected to, when it is known.</summary>
    public string? HostName => _output.HostName;

    /// <inheritdoc cref="ISessionOutput.TakeCredentials"/>
    public Credentials? TakeCredentials() => _output.TakeCredentials();

    /// <summary>Why it has ended; null while it lasts. Set before its subscriptions end, which may look at it.</summary>
    public CloseReason? Ended { get; private set; }

    /// <summary>What may be on its way to the client at a time.</summary>
    public WindowBudget Window { get; }

    public PendingConfirms Confirms { get; }

    public TransactionTable Transactions { get; }

    /// <summary>Queues that it has made by sending.</summary>
    public SendingQueues Queues { get; } = new();

    /// <summary>Signs in and says CONNECTED.</summary>
    public void SignIn(Identity identity, StompVersion version, StompHeartBeat agreed)
    {
        Version = version;
        _heartBeat = new HeartBeat(agreed);
        _expiryDue = identity.ExpiresAt is { } end ? _clock.Of(end) : SessionClock.Never;
        lock (_gate)
        {
            if (Ended is not null)
                return;
            Identity = identity;
            _metrics.SignedIn();
        }
        _output.Write(ServerFrames.Connected(version, Id, agreed));
    }

    /// <summary>Goes on with another token of the same user.</summary>
    public void Renew(Identity identity)
    {
        lock (_gate)
        {
            if (Ended is not null)
                return;
            Identity = identity;
        }
        _expiryDue = identity.ExpiresAt is { } end ? _clock.Of(end) : SessionClock.Never;
        _output.WakeAt(NextDue());
    }

    /// <summary>Says that a frame has been carried out.</summary>
    public void WriteReceipt(string receiptId) => _output.Write(ServerFrames.Receipt(Version, receiptId));

    /// <summary>Tells the client of an error, and ends the connection when the error does.</summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="receiptId">The receipt that the frame asked for, if it was one frame's fault.</param>
    public void Fail(StompError error, string? receiptId = null)
    {
        _metrics.Failed(closed: error.Closing is not null);
        var frame = ServerFrames.Error(Version, error, receiptId);
        if (error.Closing is { } reason)
            _output.End(reason, frame);
        else
            _output.Write(frame);
    }

    /// <summary>Ends the connection because the client wants it.</summary>
    public void Disconnect(string? receiptId) =>
        _output.End(CloseReasons.Disconnect, receiptId is null ? null : ServerFrames.Receipt(Version, receiptId));

    /// <summary>Whether a subscription of that name is there.</summary>
    public bool TryFind(SubscriptionId id, [NotNullWhen(true)] out Subscription? subscription)
    {
        lock (_gate)
        {
            subscription = null;
            return _subscriptions?.TryGetValue(id.Tag, out subscription) == true;
        }
    }

    /// <summary>Messages that were written and are not proved to have arrived.</summary>
    public int UnprovedCount
    {
        get
        {
            lock (_gate)
                return _unproved?.Count ?? 0;
        }
    }

    public int SubscriptionCount
    {
        get
        {
            lock (_gate)
                return _subscriptions?.Count ?? 0;
        }
    }

    /// <summary>Makes a subscription one of the session's; false when the session has ended.</summary>
    public bool TryAdd(Subscription subscription)
    {
        lock (_gate)
        {
            if (Ended is not null)
                return false;
            (_subscriptions ??= []).Add(subscription.Id.Tag, subscription);
            return true;
        }
    }

    /// <summary>Ends a subscription. What of it waits for an ACK goes back; what waits for proof has a moment for it.</summary>
    public void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            _subscriptions?.Remove(subscription.Id.Tag);
            _unacked?.RemoveAll(subscription);
        }
        End([subscription], mayProve: true);
    }

    /// <summary>The server has ended a subscription: the client is told so behind its last messages, and the session goes on.</summary>
    public void Cancel(Subscription subscription, StompError error)
    {
        lock (_gate)
        {
            if (_subscriptions?.GetValueOrDefault(subscription.Id.Tag) != subscription)
                return;
            _subscriptions.Remove(subscription.Id.Tag);
        }
        subscription.Detach();
        Fail(error);
    }

    /// <summary>Counts messages of live topics that wait for the client's ACKs, in or out.</summary>
    /// <returns>Bytes that wait now.</returns>
    public long Hold(long bytes) => Interlocked.Add(ref _heldBytes, bytes);

    /// <summary>Puts a message in the line of what is written.</summary>
    public void Deliver(in SubscribedMessage message) => _output.Write(message);

    /// <summary>A message's turn has come: gives it its number, or false when it is not to be written any more.</summary>
    public bool TryBegin(in SubscribedMessage message, out long number)
    {
        lock (_gate)
        {
            number = _lastMessage + 1;
            // Of a lost link: the silo offers it again.
            if (Ended is not null || message.Subscription.IsEnded || message.Link is { IsLost: true })
                return false;
            if (_probes.HasAsked(_lastMessage))
                _unaskedSince = _clock.Now;
            _lastMessage = number;
            // Before it is sent: the ACK or the proof may be here sooner than the sender knows that it was.
            if (message.Subscription.AckMode != AckMode.Auto)
                (_unacked ??= new UnackedMessages()).Add(number, message);
            else if (!message.Subscription.SettlesWhenWritten)
                (_unproved ??= new UnprovedMessages()).Add(number, message);
            return true;
        }
    }

    /// <summary>A message was written.</summary>
    public void OnWritten(in SubscribedMessage message)
    {
        if (message.Subscription.SettlesWhenWritten)
            message.Subscription.Settle(message, SettlementOutcome.Settled);
    }

    /// <summary>Whether a probe is to be sent behind what was written: for the proof that <c>ack:auto</c> settles by, or because nothing was heard for long.</summary>
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

    /// <summary>Writes MESSAGE.</summary>
    /// <returns>Whether it is UTF-8.</returns>
    public bool Encode(in SubscribedMessage message, long number, IBufferWriter<byte> output)
    {
        var encoded = message.Message.Encode(Version);
        var id = message.Subscription.Id;
        Span<char> offset = stackalloc char[41];
        var offsetLength = 0;
        if (message.Subscription.ShowsPlace)
            offset.TryWrite(CultureInfo.InvariantCulture, $"{message.Place.Epoch}-{message.Place.Number}", out offsetLength);
        encoded.Write(output, new StompMessageHead
        {
            Subscription = id.Header,
            MessageId = MessageIds.Of(id, Id, number),
            Redelivered = message.Redelivered,
            Ack = message.Subscription.AckMode != AckMode.Auto && Version == StompVersion.V12,
            Offset = offset[..offsetLength],
            Dropped = message.Dropped,
        });
        return encoded.IsText;
    }

    /// <summary>Carries out an ACK or NACK.</summary>
    /// <returns>False when the message is not one that waits for it.</returns>
    public bool TrySettle(MessageId id, SettlementOutcome outcome)
    {
        List<SubscribedMessage> settled;
        lock (_gate)
        {
            if (_unacked is null || !_unacked.TryFind(id.Number, out var message) || message.Subscription.Id.MessageTag != id.Tag)
                return false;
            settled = _unacked.Take(id.Number);
        }
        foreach (var message in settled)
            message.Subscription.Settle(message, outcome);
        // Whoever has a message has got the bytes before it.
        Prove(id.Number);
        return true;
    }

    /// <summary>When the session next has something to do by the clock.</summary>
    public long NextDue()
    {
        if (Identity is null)
            return _loginDue;
        var due = Math.Min(_expiryDue, Math.Min(_heartBeat.BeatDue(_output.LastWrite), _heartBeat.DeadDue(_output.LastRead)));
        lock (_gate)
            return Math.Min(Math.Min(due, _leavingDue), Math.Min(DeafDue(), ProbeDue()));
    }

    /// <summary>Does what has to be done by the clock.</summary>
    /// <returns>When the next is due.</returns>
    public long OnDue(long now)
    {
        if (Identity is null)
            return now < _loginDue ? _loginDue : FailByClock(StompErrors.LoginTimeout());
        if (now >= _expiryDue)
            return FailByClock(StompErrors.TokenExpired());
        // While nothing is read, the client's silence says nothing.
        var lastRead = _output.IsReading ? _output.LastRead : now;
        var dead = _heartBeat.DeadDue(lastRead);
        if (now >= dead)
            return FailByClock(StompErrors.HeartBeatLost());
        bool isDeaf, isProbeDue, isOver;
        lock (_gate)
        {
            _proofIsScheduled = false;
            (isDeaf, isProbeDue, isOver) = (now >= DeafDue(), now >= ProbeDue(), now >= _leavingDue);
        }
        if (isDeaf)
            return FailByClock(StompErrors.NotReading());
        if (now >= _heartBeat.BeatDue(_output.LastWrite))
            _output.WriteHeartBeat();
        if (isProbeDue)
            _output.Probe();
        if (isOver)
            GiveBack();
        // What waits to be written is not done yet: the next tick looks again.
        return Math.Max(NextDue(), now + 1);
    }

    /// <summary>The connection ends, and nothing more is written: everything that was subscribed goes, everything that was not settled goes back.</summary>
    /// <param name="reason">Why: a client that wanted to go, one that went away, or one that was sent.</param>
    /// <param name="mayProve">Whether it may still be heard of the last messages; then they go back after a second only.</param>
    public void Leave(CloseReason reason, bool mayProve)
    {
        Dictionary<string, Subscription>? subscriptions;
        lock (_gate)
        {
            if (Ended is not null)
                return;
            Ended = reason;
            if (Identity is not null)
                _metrics.SignedOut();
            subscriptions = _subscriptions;
            _subscriptions = null;
            _unacked = null;
        }
        if (subscriptions is not null)
            End(subscriptions.Values, mayProve);
    }

    /// <summary>Nothing more will be heard of: what is not proved goes back.</summary>
    public void GiveBack() => EndLeaving(all: true);

    private void Prove(long number)
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
    private void End(IReadOnlyCollection<Subscription> subscriptions, bool mayProve)
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
            _output.WakeAt(NextDue());
        }
    }

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
            if (!isDue && _proofIsScheduled)
                return;
            _proofIsScheduled |= !isDue;
        }
        if (isDue)
            _output.Probe();
        else
            _output.WakeAt(NextDue());
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
            // What ends does not wait for its turn, and much not for the end of a pause.
            return _leaving is not null || (_unproved.AreMany && !_probes.IsOpen) ? 0 : _probes.NextDue;
        // Who sends may still read nothing: what was written is asked about some time too.
        var silent = Math.Max(_lastAnswer, _output.IsReading ? _output.LastRead : _clock.Now);
        var since = _probes.HasAsked(_lastMessage) ? silent : Math.Min(silent, _unaskedSince);
        return _probes.IsOpen ? SessionClock.Never : Math.Max(_probes.NextDue, since + _pingInterval);
    }

    private long FailByClock(StompError error)
    {
        Fail(error);
        return SessionClock.Never;
    }
}
