using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Connections;
using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Publishing;
using NotifyOrleans.Edge.Queues;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Stomp;
using NotifyOrleans.Stomp.Negotiation;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>
/// A STOMP conversation: who it is, what is subscribed, what waits for an ACK, which transactions are open. It outlives no connection, and does not know
/// what kind of connection it is.
/// </summary>
internal sealed class Session
{
    private readonly Lock _gate = new();
    private readonly ISessionOutput _output;
    private readonly ConnectionMetrics _metrics;
    private readonly SessionDeadlines _deadlines;
    private Dictionary<string, Subscription>? _subscriptions;
    private UnackedMessages? _unacked;

    public Session(ISessionOutput output, SessionClock clock, StompOptions options, ConnectionMetrics metrics)
    {
        _output = output;
        _metrics = metrics;
        _deadlines = new SessionDeadlines(output, clock, options);
        Arrivals = new ArrivalProof(_gate, output, clock, options, () => output.WakeAt(NextDue()));
        Window = new WindowBudget(options.SessionWindowBytes);
        Backlog = new BacklogBudget(options.MaxQueuedBytes);
        Confirms = new PendingConfirms(options.MaxUnconfirmed, options.MaxUnconfirmedBytes);
        Transactions = new TransactionTable(options);
    }

    /// <summary>Unique among all sessions of all edges.</summary>
    public string Id { get; } = SessionIds.Next();

    /// <summary>The version that was negotiated; 1.2 before that.</summary>
    public StompVersion Version { get; private set; } = StompVersion.V12;

    /// <summary>Who signed in; null before that.</summary>
    public Identity? Identity { get; private set; }

    /// <inheritdoc cref="ITransport.PeerAddress"/>
    public string PeerAddress => _output.PeerAddress;

    /// <summary>The host name that the client connected to, when it is known.</summary>
    public string? HostName => _output.HostName;

    /// <inheritdoc cref="ISessionOutput.TakeCredentials"/>
    public Credentials? TakeCredentials() => _output.TakeCredentials();

    /// <summary>Why it has ended; null while it lasts. Set before its subscriptions end, which may look at it.</summary>
    public CloseReason? Ended { get; private set; }

    /// <summary>What is known of what the client has got.</summary>
    public ArrivalProof Arrivals { get; }

    /// <summary>What may be on its way to the client at a time.</summary>
    public WindowBudget Window { get; }

    /// <summary>What of live topics may wait for the client's ACKs or proofs.</summary>
    public BacklogBudget Backlog { get; }

    public PendingConfirms Confirms { get; }

    public TransactionTable Transactions { get; }

    /// <summary>Queues that it has made by sending.</summary>
    public SendingQueues Queues { get; } = new();

    /// <summary>Signs in and says CONNECTED.</summary>
    public void SignIn(Identity identity, StompVersion version, StompHeartBeat agreed)
    {
        Version = version;
        _deadlines.Agree(agreed);
        _deadlines.Expire(identity.ExpiresAt);
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
        _deadlines.Expire(identity.ExpiresAt);
        _output.WakeAt(NextDue());
    }

    /// <summary>Says that a frame has been carried out.</summary>
    public void WriteReceipt(string receiptId) => _output.Write(ServerFrames.Receipt(Version, receiptId));

    /// <summary>Whether the token has ended, by a silo's clock at least: the session ends with the next tick.</summary>
    public bool HasTokenEnded => _deadlines.HasTokenEnded;

    /// <summary>
    /// Tells the client of an error, and ends the connection when the error does. Of a token that has ended it is told that, and not that everything is
    /// refused: it may come again with another.
    /// </summary>
    /// <param name="error">What is wrong.</param>
    /// <param name="receiptId">The receipt that the frame asked for, if it was one frame's fault.</param>
    public void Fail(StompError error, string? receiptId = null)
    {
        if (error.Closing == CloseReasons.AccessRefused && HasTokenEnded)
            error = StompErrors.TokenExpired();
        _metrics.Failed(closed: error.Closing is not null);
        var frame = ServerFrames.Error(Version, error, receiptId);
        if (error.Closing is { } reason)
            _output.End(reason, frame);
        else
            _output.Write(frame);
    }

    /// <summary>Ends the connection because the client wants it.</summary>
    public void Disconnect(string? receiptId) => _output.End(CloseReasons.Disconnect, receiptId is null ? null : ServerFrames.Receipt(Version, receiptId));

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

    /// <summary>All subscriptions, as they are now.</summary>
    public Subscription[] Subscriptions
    {
        get
        {
            lock (_gate)
                return _subscriptions is null ? [] : [.. _subscriptions.Values];
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

    /// <summary>Has one of its subscriptions begin; when it cannot, it is none of them any more.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="cancellationToken">Ends the attempt.</param>
    /// <exception cref="StompErrorException">It is refused.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">Nobody answers in time.</exception>
    public async Task StartAsync(Subscription subscription, CancellationToken cancellationToken)
    {
        try
        {
            await subscription.StartAsync(cancellationToken);
        }
        catch
        {
            Remove(subscription);
            throw;
        }
        finally
        {
            // One whose session ended right before it began would take messages from then on.
            if (Ended is not null)
                subscription.End();
        }
    }

    /// <summary>Ends a subscription, if it is still the session's. What of it waits for an ACK goes back; what waits for proof has a moment for it.</summary>
    public void Remove(Subscription subscription) => TryRemove(subscription);

    /// <summary>The server has ended a subscription: the client is told so behind its last messages, and the session goes on.</summary>
    public void Cancel(Subscription subscription, StompError error)
    {
        lock (_gate)
        {
            if (!TryTake(subscription))
                return;
        }
        subscription.Detach();
        Fail(error);
    }

    /// <summary>A subscription is not allowed any more: nothing more is written for it, the client is told, and the session goes on.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="refusal">What the client would be told if it subscribed now.</param>
    public void Withdraw(Subscription subscription, StompError refusal)
    {
        if (TryRemove(subscription))
            Fail(refusal with { Closing = null, Subscription = subscription.Id.Shown });
    }

    /// <inheritdoc cref="ISessionOutput.HasRoom"/>
    public bool HasRoom => _output.HasRoom;

    /// <summary>Puts a message in the line of what is written.</summary>
    public void Deliver(in SubscribedMessage message) => _output.Write(message);

    /// <summary>A message's turn has come: gives it its number, or false when it is not to be written any more.</summary>
    public bool TryBegin(in SubscribedMessage message, out long number)
    {
        lock (_gate)
        {
            number = 0;
            if (Ended is not null || message.Subscription.IsEnded)
                return false;
            if (message.Link is { IsLost: true })
            {
                message.Subscription.OnVoid(message);
                return false;
            }
            // Before it is sent: the ACK or the proof may be here sooner than the sender knows that it was.
            number = Arrivals.Begin(message);
            if (message.Subscription.AckMode != AckMode.Auto)
                (_unacked ??= new UnackedMessages()).Add(number, message);
            return true;
        }
    }

    /// <summary>A message was written.</summary>
    public void OnWritten(in SubscribedMessage message)
    {
        if (message.Subscription.SettlesWhenWritten)
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
        // Whoever has a message has got the bytes before it.
        Arrivals.Prove(id.Number);
        return true;
    }

    /// <summary>When the session next has something to do by the clock.</summary>
    public long NextDue() => Identity is null ? _deadlines.LoginDue : Math.Min(_deadlines.NextDue, Arrivals.NextDue());

    /// <summary>Does what has to be done by the clock.</summary>
    /// <returns>When the next is due.</returns>
    public long OnDue(long now)
    {
        if (Identity is null)
            return now < _deadlines.LoginDue ? _deadlines.LoginDue : FailByClock(StompErrors.LoginTimeout());
        if (_deadlines.FindMissed(now) is { } missed)
            return FailByClock(missed);
        if (Arrivals.IsDeaf(now))
            return FailByClock(StompErrors.NotReading());
        if (_deadlines.IsBeatDue(now))
            _output.WriteHeartBeat();
        Arrivals.OnDue(now);
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
            Arrivals.End(subscriptions.Values, mayProve);
    }

    private bool TryRemove(Subscription subscription)
    {
        lock (_gate)
        {
            if (!TryTake(subscription))
                return false;
            _unacked?.RemoveAll(subscription);
        }
        Arrivals.End([subscription], mayProve: true);
        return true;
    }

    /// <summary>Takes a subscription out. Whoever takes it ends it: another one may have its name by then.</summary>
    private bool TryTake(Subscription subscription) =>
        _subscriptions?.GetValueOrDefault(subscription.Id.Tag) == subscription && _subscriptions.Remove(subscription.Id.Tag);

    private long FailByClock(StompError error)
    {
        Fail(error);
        return SessionClock.Never;
    }
}
