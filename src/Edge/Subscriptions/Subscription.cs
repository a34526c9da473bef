using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>One SUBSCRIBE of a session.</summary>
/// <param name="session">The session.</param>
/// <param name="id">The client's name for it.</param>
/// <param name="ackMode">When a message counts as delivered.</param>
/// <param name="window">Bytes that may be on their way to it, of the session's; given back at the end.</param>
internal abstract class Subscription(Session session, SubscriptionId id, AckMode ackMode, int window)
{
    private volatile bool _ended;
    private volatile EarlyMessages? _early = new();

    public Session Session => session;

    public SubscriptionId Id => id;

    public AckMode AckMode => ackMode;

    /// <summary>Bytes that may be on their way.</summary>
    public int Window => window;

    /// <summary>Whether nothing may be written for it any more.</summary>
    public bool IsEnded => _ended;

    /// <summary>Messages that were written and are not proved to have arrived; kept by <see cref="UnprovedMessages"/>.</summary>
    public int Unproved { get; set; }

    /// <summary>Whether a MESSAGE shows its place as <c>x-offset</c>.</summary>
    public virtual bool ShowsPlace => false;

    /// <summary>Whether a message is settled when it is written, as nobody proves or acknowledges it.</summary>
    public virtual bool SettlesWhenWritten => false;

    /// <summary>Whether messages are dropped for it when they come faster than the client takes them: nobody keeps them for it.</summary>
    public virtual bool IsLossy => false;

    /// <summary>Returns when a user may have such a subscription.</summary>
    /// <exception cref="Commands.StompErrorException">He may not.</exception>
    /// <exception cref="Cluster.ClusterUnavailableException">No silo answers for a while.</exception>
    public abstract Task RequireAsync(EdgeAuthority authority, Identity identity);

    /// <summary>Begins to take messages; completes when those that are published from now on will come.</summary>
    /// <param name="cancellationToken">Ends the attempt; the subscription is then ended by the caller.</param>
    public abstract Task StartAsync(CancellationToken cancellationToken);

    /// <summary>The client was told that it is subscribed: from here on messages are written.</summary>
    public void Open()
    {
        _early?.Deliver(session);
        _early = null;
    }

    /// <summary>A message that waited to be written will not be: it came over a link that is lost, and its silo offers it again.</summary>
    public virtual void OnVoid(in SubscribedMessage message) { }

    /// <summary>What became of a message that was written.</summary>
    public abstract void Settle(in SubscribedMessage message, SettlementOutcome outcome);

    /// <summary>
    /// The client has ended a durable subscription: nothing is kept for it any more. Called behind <see cref="Stop"/>, or while its last messages are still to
    /// be proved.
    /// </summary>
    /// <exception cref="Commands.StompErrorException">It cannot be ended; the client is told so.</exception>
    public virtual Task ForgetAsync() => Task.CompletedTask;

    /// <summary>Whether it has ended because its session was lost, which may come again.</summary>
    protected bool IsLost { get; private set; }

    /// <summary>Nothing more is written for it.</summary>
    public void Close()
    {
        if (_ended)
            return;
        IsLost = session.Ended is { IsLoss: true };
        _ended = true;
    }

    /// <summary>Takes no more messages; what was not settled goes back.</summary>
    public void End()
    {
        Close();
        Detach();
    }

    /// <summary>Takes no more messages; those that wait are still written.</summary>
    public void Detach()
    {
        Stop();
        session.Window.Return(window);
    }

    /// <summary>Puts a message in the line of what is written, behind the RECEIPT of its SUBSCRIBE, as in the reference.</summary>
    protected void Deliver(in SubscribedMessage message)
    {
        if (_early?.TryHold(message) != true)
            session.Deliver(message);
    }

    /// <summary>Says so to where they come from.</summary>
    protected abstract void Stop();
}
