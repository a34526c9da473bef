using System.Diagnostics.CodeAnalysis;
using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Interfaces.Shards;

namespace NotifyOrleans.Grains.Shards;

/// <summary>
/// Messages that are not safe and came by a channel that is closed: the broker brings them again by the queue's next one, in their order. Each keeps its place,
/// and what is brought again is a repeat of it; otherwise each channel that closes while the outbox takes nothing would leave one more copy of all that waits.
/// The ledger calls it under its lock.
/// </summary>
/// <remarks>
/// A delivery of another channel has another tag, and most messages have no <c>message-id</c>: so it is known by what is in it. Of two that are the same in
/// all, it does not matter which one it is.
/// </remarks>
internal sealed class ReturningMessages
{
    // Quorum queues count in these how often they have delivered a message.
    private static readonly string[] BrokersHeaders = ["x-delivery-count", "x-acquired-count"];

    private readonly Dictionary<string, long> _channels = [];
    private readonly Dictionary<(string Queue, string Mailbox), LinkedList<UnsafeMessage>> _messages = [];

    /// <summary>Whether a queue is consumed on a newer channel than all that were seen before.</summary>
    public bool IsNewChannel(string queue, long channelEpoch) => channelEpoch > _channels.GetValueOrDefault(queue);

    /// <summary>A queue is consumed on another channel.</summary>
    /// <param name="queue">The queue.</param>
    /// <param name="channelEpoch">The channel.</param>
    /// <param name="messages">All messages that are not safe, in the order of their places.</param>
    public void Begin(string queue, long channelEpoch, IEnumerable<UnsafeMessage> messages)
    {
        _channels[queue] = channelEpoch;
        foreach (var key in _messages.Keys.Where(key => key.Queue == queue).ToList())
            _messages.Remove(key);
        foreach (var message in messages.Where(message => message.Deliveries.Exists(delivery => delivery.Queue == queue)))
        {
            if (!_messages.TryGetValue((queue, message.Mailbox), out var ofMailbox))
                _messages[(queue, message.Mailbox)] = ofMailbox = new LinkedList<UnsafeMessage>();
            ofMailbox.AddLast(message);
        }
    }

    /// <summary>Finds the message that a delivery brings again. It is found once for each channel.</summary>
    /// <param name="delivery">The delivery, for its mailbox.</param>
    /// <param name="offer">What it brings.</param>
    /// <param name="message">The message; it may be safe by now.</param>
    public bool TryTake(in DeliveryRef delivery, Offer offer, [NotNullWhen(true)] out UnsafeMessage? message)
    {
        message = null;
        // What nobody was given before is no repeat, however alike.
        if (!offer.Redelivered || !_messages.TryGetValue((delivery.Queue, delivery.User), out var messages))
            return false;
        for (var node = messages.First; node is not null; node = node.Next)
        {
            if (!IsSame(node.Value.Message, offer))
                continue;
            message = node.Value;
            messages.Remove(node);
            if (messages.Count == 0)
                _messages.Remove((delivery.Queue, delivery.User));
            return true;
        }
        return false;
    }

    private static bool IsSame(MailboxMessage message, Offer offer)
    {
        var (one, other) = (message.Notification, offer.Notification);
        // Not when it expires: that was reckoned from its arrival.
        return one.Body.Length == other.Body.Length
            && message.FilterKey == offer.FilterKey
            && (one.Exchange, one.RoutingKey, one.MessageId, one.Persistent) == (other.Exchange, other.RoutingKey, other.MessageId, other.Persistent)
            && one.Body.AsSpan().SequenceEqual(other.Body)
            && PublishersHeaders(one).SequenceEqual(PublishersHeaders(other));
    }

    private static IEnumerable<NotificationHeader> PublishersHeaders(Notification notification) =>
        notification.Headers.Where(header => !BrokersHeaders.Contains(header.Name));
}
