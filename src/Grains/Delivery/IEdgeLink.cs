using NotifyOrleans.Grains.Interfaces.Delivery;

namespace NotifyOrleans.Grains.Delivery;

/// <summary>One edge, as those see it who have messages for its sessions. Safe to call from any thread.</summary>
internal interface IEdgeLink
{
    /// <summary>Names it among the links of this silo; a later one of the same edge has a higher number.</summary>
    long Number { get; }

    /// <summary>Hands over a message; it is sent with the next batch of its lane. When the link ends before the edge has it, the subscription is taken away.</summary>
    void Push(int lane, MailboxPush push);

    /// <summary>Remembers that a subscription is served by this link. False when the link has ended.</summary>
    bool TryTrack(string user, long subscription);

    void Untrack(long subscription);
}
