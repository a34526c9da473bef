using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>One edge, as those see it who have messages for its sessions. Safe to call from any thread.</summary>
internal interface IEdgeLink
{
    /// <summary>Names it among the links of this silo; a later one of the same edge has a higher number.</summary>
    long Number { get; }

    /// <summary>
    /// Hands over a message; it is sent with the next batch of its lane. When the link ends before the edge has it, the subscription is taken away.
    /// </summary>
    void Push(int lane, MailboxPush push);

    /// <summary>Hands over what a broker queue has for a subscription.</summary>
    void Push(int lane, QueuePush push);

    /// <summary>
    /// Remembers the consumer of a subscription to a broker queue; it hears of settlements, and of the link's end. Another one of the same subscription ends.
    /// </summary>
    /// <returns>False when the link has ended, or a later registration is there.</returns>
    bool TryTrack(ILinkedConsumer consumer);

    void Untrack(ILinkedConsumer consumer);

    /// <summary>Remembers that a subscription is served by this link. False when the link has ended.</summary>
    bool TryTrack(string user, long subscription);

    void Untrack(long subscription);

    /// <summary>Whether a subscription is still served by this link.</summary>
    bool Tracks(long subscription);
}
