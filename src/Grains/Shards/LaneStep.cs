using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Shards;

/// <summary>Something to be done for a mailbox, in its turn.</summary>
internal abstract class LaneStep
{
    private readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>When the step was first tried.</summary>
    public TimeSpan? TriedAt { get; set; }

    public Task Done => _done.Task;

    public void Complete() => _done.TrySetResult();

    public void Fail(Exception exception)
    {
        _done.TrySetException(exception);
        // Not everybody waits for a step.
        _ = _done.Task.Exception;
    }

    internal sealed class Deliver(MailboxMessage message) : LaneStep
    {
        public MailboxMessage Message { get; } = message;
    }

    internal sealed class Subscribe(string edge, long link, MailboxSubscription subscription) : LaneStep
    {
        public string Edge { get; } = edge;

        public long Link { get; } = link;

        public MailboxSubscription Subscription { get; } = subscription;
    }

    internal sealed class Unsubscribe(string edge, long link, UserSubscription[] subscriptions) : LaneStep
    {
        public string Edge { get; } = edge;

        public long Link { get; } = link;

        public UserSubscription[] Subscriptions { get; } = subscriptions;
    }

    /// <summary>Another mailbox of the user's has delivered these.</summary>
    internal sealed class SettledElsewhere(Place[] places) : LaneStep
    {
        public Place[] Places { get; } = places;
    }

    /// <summary>Nobody is to get what is in the mailbox any more. What comes until it is cleared is another's, who has begun under the same name.</summary>
    internal sealed class Clear(Place upTo) : LaneStep
    {
        public Place UpTo { get; } = upTo;
    }

    internal sealed class EndKept : LaneStep;

    internal sealed class Store : LaneStep;

    internal sealed class Expire : LaneStep;
}
