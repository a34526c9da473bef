using NotifyOrleans.Edge.Authority;
using NotifyOrleans.Edge.Cluster;
using NotifyOrleans.Edge.Commands;
using NotifyOrleans.Edge.Delivery;
using NotifyOrleans.Edge.Sessions;
using NotifyOrleans.Grains.Interfaces.Delivery;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>
/// A subscription to the user's own mailbox, or a durable one to the mailbox that it has by itself. The silo keeps its window and what does not fit into it.
/// </summary>
/// <param name="session">The session.</param>
/// <param name="id">The client's name for it.</param>
/// <param name="ackMode">When a message counts as delivered.</param>
/// <param name="description">What the shard is told of it.</param>
/// <param name="registrations">Tells the shard.</param>
internal sealed class MailboxFeed(Session session, SubscriptionId id, AckMode ackMode, MailboxSubscription description, RegistrationTable registrations)
    : Subscription(session, id, ackMode, description.MaxBytes)
{
    private readonly TaskCompletionSource _registered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _epoch;
    private WindowUse _window = new(description.MaxMessages, description.MaxBytes);

    public override bool ShowsPlace => true;

    public long Number => description.Id;

    /// <summary>Whether so much was offered and not settled that the silo may have no room to offer more.</summary>
    public bool IsHalfFull => _window.IsHalf;

    /// <summary>The mailbox: the session's user, or the key of his durable subscription.</summary>
    public string User => description.User;

    public ShardRegistrations Shard { get; } = registrations.ShardOf(description.User);

    /// <summary>Whether the shard may have heard of it; kept by <see cref="ShardRegistrations"/>.</summary>
    public bool WasSent { get; set; }

    public MailboxSubscription Describe() => description with { LastEpoch = Volatile.Read(ref _epoch) };

    /// <summary>The shard knows it, under this epoch.</summary>
    public void OnRegistered(long epoch)
    {
        Volatile.Write(ref _epoch, epoch);
        _registered.TrySetResult();
    }

    public override Task RequireAsync(EdgeAuthority authority, Identity identity) =>
        authority.RequireReadAsync(identity, description.Exchange, description.Pattern);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        registrations.Add(this);
        try
        {
            await _registered.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException exception)
        {
            throw new ClusterUnavailableException("The mailbox cannot be reached now", exception);
        }
    }

    /// <summary>The user has no room for another durable subscription.</summary>
    public void OnRefused() => _registered.TrySetException(new StompErrorException(StompErrors.TooManyDurables()));

    /// <summary>Another session has ended the durable subscription.</summary>
    public void OnEnded()
    {
        if (!IsEnded)
            Session.Cancel(this, StompErrors.SubscriptionCancelled(Id));
    }

    /// <inheritdoc/>
    /// <remarks>The user's own mailbox has no end: whatever the headers of UNSUBSCRIBE say, only the subscription has.</remarks>
    public override async Task ForgetAsync()
    {
        if (MailboxKey.IsDurable(User) && !await Shard.ForgetAsync(User))
            throw new StompErrorException(StompErrors.Unavailable("The subscription cannot be ended now"));
    }

    /// <summary>Takes a message of the silo's.</summary>
    public void Offer(MailboxPush push, Link link)
    {
        if (!push.IsEnd)
        {
            _window.Take(push.Notification.Size);
            Deliver(new SubscribedMessage(this, new OutgoingMessage(push.Notification), link, push.Place, push.Dropped, push.Redelivered));
        }
        else
        {
            OnEnded();
        }
    }

    public override void OnVoid(in SubscribedMessage message) => _window.Return(message.Message.Size);

    /// <inheritdoc/>
    /// <remarks>At once when the silo may have no room to offer more, or others are to get what was not taken.</remarks>
    public override void Settle(in SubscribedMessage message, SettlementOutcome outcome)
    {
        var isAwaited = outcome != SettlementOutcome.Settled || IsHalfFull;
        _window.Return(message.Message.Size);
        message.Link!.Settle(new Settlement(User, Number, message.Place, outcome), isAwaited);
    }

    protected override void Stop()
    {
        registrations.Remove(this, lost: IsLost);
        // Its SUBSCRIBE may still wait for the shard, which is not asked any more.
        _registered.TrySetResult();
    }
}
