namespace NotifyOrleans.Grains.Interfaces.Queues;

/// <summary>
/// A queue of the broker, for all sessions that subscribe to it on whichever edges. Its key is the queue's name in the one virtual host that is served. The
/// messages stay the broker's: each subscription is a consumer of its own there, which the broker gives its share by its own rules.
/// </summary>
[Alias("NotifyOrleans.IBrokerQueueGrain")]
public interface IBrokerQueueGrain : IGrainWithStringKey
{
    /// <summary>
    /// Begins to consume for a subscription, or begins anew: then what was not settled goes back to the queue. Whether the user may is asked before, by the
    /// edge. What comes is pushed over the silo's link to the edge, first of all <see cref="Delivery.QueuePushKind.Begun"/>.
    /// </summary>
    [Alias("Subscribe")]
    Task<QueueReply> SubscribeAsync(QueueSubscription subscription);

    /// <summary>Declares the queue for a session that sends to it.</summary>
    [Alias("Declare")]
    Task<QueueReply> DeclareAsync(QueueDeclaration declaration, string session);

    /// <summary>Deletes the queue of a durable subscription that was ended for good. A queue that is not there is no fault.</summary>
    [Alias("Delete")]
    Task<QueueReply> DeleteAsync(string session);
}
