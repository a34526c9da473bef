using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Publishing;
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
    private readonly Lock _gate = new();
    private readonly ISessionOutput _output;
    private readonly SessionClock _clock;
    private readonly ConnectionMetrics _metrics;
    private readonly long _loginDue;
    private Dictionary<string, Subscription>? _subscriptions;
    private UnackedMessages? _unacked;
    private HeartBeat _heartBeat;
    private long _expiryDue = SessionClock.Never;
    private long _lastMessage;

    public Session(ISessionOutput output, SessionClock clock, StompOptions options, ConnectionMetrics metrics)
    {
        _output = output;
        _clock = clock;
        _metrics = metrics;
        _loginDue = clock.Now + (long)options.LoginTimeout.TotalMilliseconds;
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

    /// <summary>Why it has ended; null while it lasts. Set before its subscriptions end, which may look at it.</summary>
    public CloseReason? Ended { get; private set; }

    public PendingConfirms Confirms { get; }

    public TransactionTable Transactions { get; }

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

    /// <summary>Ends a subscription. What of it waits for an ACK goes back to where it came from.</summary>
    public void Remove(Subscription subscription)
    {
        lock (_gate)
        {
            _subscriptions?.Remove(subscription.Id.Tag);
            _unacked?.RemoveAll(subscription);
        }
        subscription.End();
    }

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
            _lastMessage = number;
            // Before it is sent: the ACK may be here sooner than the sender knows that it was.
            if (message.Subscription.AckMode != AckMode.Auto)
                (_unacked ??= new UnackedMessages()).Add(number, message);
            return true;
        }
    }

    /// <summary>Writes MESSAGE.</summary>
    /// <returns>Whether it is UTF-8.</returns>
    public bool Encode(in SubscribedMessage message, long number, IBufferWriter<byte> output)
    {
        var encoded = message.Message.Encode(Version);
        var id = message.Subscription.Id;
        Span<char> offset = stackalloc char[41];
        var offsetLength = 0;
        if (message.Link is not null)
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

    /// <summary>
    /// A message was handed to the connection. THE place where <c>ack:auto</c> settles: what is written counts as delivered.
    /// </summary>
    public static void Written(in SubscribedMessage message)
    {
        if (message.Subscription.AckMode == AckMode.Auto)
            message.Subscription.Settle(message, SettlementOutcome.Settled);
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
        return true;
    }

    /// <summary>When the session next has something to do by the clock.</summary>
    public long NextDue() => Identity is null
        ? _loginDue
        : Math.Min(_expiryDue, Math.Min(_heartBeat.BeatDue(_output.LastWrite), _heartBeat.DeadDue(_output.LastRead)));

    /// <summary>Does what has to be done by the clock.</summary>
    /// <returns>When the next is due.</returns>
    public long OnDue(long now)
    {
        if (Identity is null)
            return now < _loginDue ? _loginDue : FailByClock(StompErrors.LoginTimeout());
        if (now >= _expiryDue)
            return FailByClock(StompErrors.TokenExpired());
        var dead = _output.IsReading ? _heartBeat.DeadDue(_output.LastRead) : _heartBeat.DeadDue(now);
        if (now >= dead)
            return FailByClock(StompErrors.HeartBeatLost());
        var beat = _heartBeat.BeatDue(_output.LastWrite);
        if (now >= beat)
        {
            _output.WriteHeartBeat();
            beat = _heartBeat.BeatDue(now);
        }
        return Math.Min(_expiryDue, Math.Min(beat, dead));
    }

    /// <summary>The connection has ended: everything that was subscribed goes, everything that was not settled goes back.</summary>
    /// <param name="reason">Why: a client that wanted to go, one that went away, or one that was sent.</param>
    public void Leave(CloseReason reason)
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
        foreach (var subscription in subscriptions?.Values ?? Enumerable.Empty<Subscription>())
            subscription.End();
    }

    private long FailByClock(StompError error)
    {
        Fail(error);
        return SessionClock.Never;
    }
}
