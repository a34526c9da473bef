using NotifyOrleans.Grains.Interfaces.Notifications;
using NotifyOrleans.Grains.Outbox;
using NotifyOrleans.Grains.Shards;

namespace NotifyOrleans.Grains.Users;

/// <summary>A message that a user's grain has in hand: in memory only, or stored and offered to somebody.</summary>
internal sealed class HeldMessage(MailboxMessage message, StoredMessage? row = null)
{
    /// <summary>One that was read from the outbox.</summary>
    public static HeldMessage Of(StoredMessage row) => new(new MailboxMessage(row.Place, row.FilterKey, row.Attempted, row.Notification, row.Twin), row);

    public MailboxMessage Message { get; } = message;

    public Place Place => Message.Place;

    public int Size => Message.Notification.Size;

    public bool IsPersistent => Message.Notification.Persistent;

    /// <summary>Its row in the outbox; null while memory has it alone.</summary>
    public StoredMessage? Row { get; set; } = row;

    /// <summary>It came while nobody was there: transient as it is, it is for the first who takes it.</summary>
    public bool WaitsForFirst { get; init; }

    /// <summary>Nobody has it, and it is owed to whoever comes.</summary>
    public bool IsUndelivered => !IsSettled && (IsPersistent || (WaitsForFirst && OfferedFirstTo is null));

    /// <summary>Nobody was offered it, and it is nowhere else.</summary>
    public bool IsUntouched => !IsSettled && Row is null && OfferedFirstTo is null;

    /// <summary>How many subscriptions it is offered to and has not come back from.</summary>
    public int Offers { get; set; }

    /// <summary>The newest subscription when it was first offered to one: to those that come later it is a repeat. Null before.</summary>
    public int? OfferedFirstTo { get; set; }

    /// <summary>It came back from a subscription that did not settle it.</summary>
    public bool IsAttempted { get; set; }

    /// <summary>The subscription whose client has rejected it, while it is on its way to the dead letters; null otherwise.</summary>
    public Subscriber? RejectedBy { get; set; }

    /// <summary>A session has it, or it has ended in another way.</summary>
    public bool IsSettled { get; set; }

    /// <summary>Whether the broker or the outbox still has to answer for it.</summary>
    public bool IsUnsafe => IsPersistent && !IsSettled && Row is null;
}
