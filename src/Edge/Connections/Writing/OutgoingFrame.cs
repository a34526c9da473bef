using NotifyOrleans.Edge.Connections.Goodbyes;
using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Connections.Writing;

/// <summary>Something that waits to be written: encoded bytes, or a message that is encoded when its turn comes, a probe, or the goodbye.</summary>
internal readonly struct OutgoingFrame
{
    private OutgoingFrame(byte[]? encoded, in SubscribedMessage message, CloseReason? goodbye) => (Encoded, Message, Goodbye) = (encoded, message, goodbye);

    /// <summary>A probe, if the session wants one when its turn comes.</summary>
    public static OutgoingFrame Probe => default;

    public byte[]? Encoded { get; }

    public SubscribedMessage Message { get; }

    public CloseReason? Goodbye { get; }

    /// <summary>Whether it is a message.</summary>
    public bool IsMessage => Message.Subscription is not null;

    /// <summary>Whether it is one of a session's own messages, which come several at once.</summary>
    public bool IsOwnMessage => IsMessage && !Message.Message.IsShared;

    /// <summary>Whether it is a probe.</summary>
    public bool IsProbe => Encoded is null && Goodbye is null && !IsMessage;

    /// <summary>Bytes that count for the limit of what may wait: those of live topics. What is kept elsewhere counts for its window there.</summary>
    public int LiveBytes => IsMessage && Message.Subscription.IsLossy ? Message.Message.Size : 0;

    public static OutgoingFrame Of(byte[] encoded) => new(encoded, default, null);

    public static OutgoingFrame Of(in SubscribedMessage message) => new(null, message, null);

    public static OutgoingFrame Of(CloseReason goodbye) => new(null, default, goodbye);
}
