using NotifyOrleans.Edge.Queues;
using NotifyOrleans.Edge.Topics;
using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Edge.Delivery;

/// <summary>Brings the messages of a batch to their sessions.</summary>
internal sealed partial class DeliveryRouter(
    RegistrationTable registrations,
    TopicTable topics,
    DurableTopics durables,
    QueueTable queues,
    LinkMetrics metrics,
    ILogger<DeliveryRouter> logger
)
{
    public void Deliver(Link link, PushBatch batch)
    {
        foreach (var push in batch.Mailbox)
            Deliver(link, push);
        foreach (var push in batch.Queues)
            queues.Deliver(link, push);
        foreach (var push in batch.Topics)
        {
            topics.Deliver(push, link.Topics);
            link.Topics.Advance(batch.Lane, push.Number);
        }
        if (batch.DroppedTopics is { } dropped)
        {
            topics.Drop(dropped, link.Topics);
            // Who follows one that is lost from here on is told of them, and does not read them.
            link.Topics.Advance(batch.Lane, dropped.Last);
        }
        // Before the marks: what was dropped is read from where a feed is, and a mark takes it beyond that.
        if (batch.HasDroppedTopics)
            durables.ReadAgain();
        foreach (var mark in batch.Marks)
            durables.Pass(mark);
    }

    private void Deliver(Link link, MailboxPush push)
    {
        // One that has ended meanwhile: the silo hears of it, and gives the message to another.
        if (registrations.Find(push.Subscription) is not { } feed)
        {
            metrics.Dropped("unknown_subscription");
            return;
        }
        // Nobody ever gets another user's message, whatever went wrong on its way.
        if (feed.User != push.User)
        {
            metrics.Dropped("foreign_user");
            LogForeignUser(push.Subscription, link.Silo);
            return;
        }
        // From a silo that does not own the shard any more, and does not know it yet.
        if (!feed.Shard.TrySeeEpoch(push.ShardEpoch))
        {
            metrics.Dropped("stale_epoch");
            return;
        }
        feed.Offer(push, link);
    }
}
