using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Routing;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>
/// A subscription to live topic messages. Nothing of them is kept in a silo: the window of a client that acknowledges is kept here, bounded.
/// </summary>
internal sealed class TopicFeed(
    Session session,
    SubscriptionId id,
    AckMode ackMode,
    string exchange,
    TopicPattern pattern,
    int prefetch,
    int window,
    int maxWaitingBytes,
    TopicTable topics,
    LinkTable links)
    : Subscription(session, id, ackMode, window)
{
    private readonly Lock _gate = new();
    private Queue<SubscribedMessage>? _waiting;
    private long _waitingBytes;
    private long _unackedBytes;
    private int _unacked;

    public TopicInterest Interest { get; } = new(exchange, pattern.Text);

    public TopicPattern Pattern => pattern;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        topics.Add(this);
        try
        {
            do
            {
                await links.WhenLinkedAsync(cancellationToken);
                await topics.WhenToldAsync().WaitAsync(cancellationToken);
            }
            while (!links.IsLinked);
        }
        catch (OperationCanceledException exception)
        {
            throw new ClusterUnavailableException("The topic cannot be reached now", exception);
        }
    }

    /// <summary>Takes a message that matches.</summary>
    public void Offer(OutgoingMessage message, bool redelivered)
    {
        var offered = new SubscribedMessage(this, message, Link: null, Place.Start, Dropped: 0, redelivered);
        if (AckMode == AckMode.Auto)
        {
            Session.Deliver(offered);
            return;
        }
        // Handed on within the lock: what an ACK lets go must not be overtaken by what comes.
        lock (_gate)
        {
            if (HasRoom && _waiting is not { Count: > 0 })
            {
                Take(offered);
                Session.Deliver(offered);
                return;
            }
            _waitingBytes += message.Size;
            (_waiting ??= new Queue<SubscribedMessage>()).Enqueue(offered);
            if (Session.Hold(message.Size) > maxWaitingBytes)
                Session.Fail(StompErrors.SlowClient());
        }
    }

    public override void Settle(in SubscribedMessage message, SettlementOutcome outcome)
    {
        if (AckMode == AckMode.Auto)
            return;
        // As in the reference a refused message comes again; otherwise it has gone, whether it was wanted or not.
        if (outcome == SettlementOutcome.Requeued)
        {
            Session.Deliver(message with { Redelivered = true });
            return;
        }
        lock (_gate)
        {
            _unacked--;
            _unackedBytes -= message.Message.Size;
            while (HasRoom && _waiting?.TryDequeue(out var next) == true)
            {
                _waitingBytes -= next.Message.Size;
                Session.Hold(-next.Message.Size);
                Take(next);
                Session.Deliver(next);
            }
        }
    }

    protected override void Stop()
    {
        topics.Remove(this);
        lock (_gate)
        {
            Session.Hold(-_waitingBytes);
            (_waiting, _waitingBytes) = (null, 0);
        }
    }

    private bool HasRoom => _unacked == 0 || (_unacked < prefetch && _unackedBytes < Window);

    private void Take(in SubscribedMessage message)
    {
        _unacked++;
        _unackedBytes += message.Message.Size;
    }
}
