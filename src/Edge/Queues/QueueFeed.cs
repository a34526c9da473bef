using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Edge.Subscriptions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Queues;

namespace NotifyOrleans.Edge.Queues;

/// <summary>A subscription to a queue of the broker, whose acks, requeues and prefetch are the broker's. A silo consumes it.</summary>
internal sealed class QueueFeed : Subscription
{
    private readonly QueueRegistration _registration;
    private readonly QueueAccess _access;
    private readonly QueueTable _queues;
    private volatile bool _hasStopped;

    /// <param name="session">The session.</param>
    /// <param name="id">The client's name for it.</param>
    /// <param name="ackMode">When a message is settled.</param>
    /// <param name="queue">The queue's name.</param>
    /// <param name="description">What the queue is told of it.</param>
    /// <param name="access">What its user must be allowed.</param>
    /// <param name="queues">All of them.</param>
    public QueueFeed(Session session, SubscriptionId id, AckMode ackMode, string queue, QueueSubscription description, QueueAccess access, QueueTable queues)
        : base(session, id, ackMode, description.MaxBytes)
    {
        (Queue, Description, _access, _queues) = (queue, description, access, queues);
        _registration = new QueueRegistration(this, queues);
    }

    public string Queue { get; }

    /// <summary>What the queue is told of it, but for the registration's number.</summary>
    public QueueSubscription Description { get; }

    public long Number => Description.Id;

    public override bool SettlesWhenWritten => AckMode == AckMode.Auto;

    /// <summary>The queue of a durable subscription, which goes when the client says so; others outlive their subscriptions by their own rules.</summary>
    public bool IsDurableSubscription => Description is { Binding: not null, Declaration.Durable: true };

    /// <summary>Whether it has ended, and its queue with it, if that was its own.</summary>
    public bool HasStopped => _hasStopped;

    public override Task RequireAsync(EdgeAuthority authority, Identity identity) => _access.RequireAsync(authority, identity);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        _queues.Add(this);
        return _registration.BeginAsync(cancellationToken);
    }

    /// <summary>Takes what the queue has for it.</summary>
    /// <returns>False when it is of a registration that does not hold any more.</returns>
    public bool TryOffer(QueuePush push, Link link)
    {
        if (!_registration.Holds(push.Place.Epoch))
            return false;
        switch (push.Kind)
        {
            case QueuePushKind.Message:
                Deliver(new SubscribedMessage(this, new OutgoingMessage(push.Notification!), link, push.Place, Dropped: 0, push.Redelivered));
                break;
            case QueuePushKind.Begun:
                return _registration.TryBegin(push.Place.Epoch, link);
            case QueuePushKind.Cancelled:
                Cancel();
                break;
            case QueuePushKind.Interrupted:
                _registration.OnInterrupted(push.Place.Epoch);
                break;
        }
        return true;
    }

    /// <inheritdoc/>
    /// <remarks>At once: other consumers of the queue may wait for the next message, or for this one.</remarks>
    public override void Settle(in SubscribedMessage message, SettlementOutcome outcome) =>
        message.Link!.Settle(new Settlement(User: "", Number, message.Place, outcome), isAwaited: true);

    /// <summary>What came over this link is void.</summary>
    public void OnLost(Link link) => _registration.OnLost(link);

    /// <summary>The queue has gone, and the client is told.</summary>
    public void Cancel() => Session.Cancel(this, Commands.StompErrors.SubscriptionCancelled(Id));

    public override Task ForgetAsync() => IsDurableSubscription ? _queues.ForgetAsync(this) : Task.CompletedTask;

    protected override void Stop()
    {
        _hasStopped = true;
        _queues.Remove(this);
        _registration.Stop();
    }
}
