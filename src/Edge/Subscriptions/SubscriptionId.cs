using NotifyOrleans.Stomp;

namespace NotifyOrleans.Edge.Subscriptions;

/// <summary>How a client names a subscription: by header <c>id</c>, or, when a SUBSCRIBE has none, by its destination.</summary>
/// <param name="Header">The <c>id</c>; null when there was none.</param>
/// <param name="Tag">The reference's consumer tag: unique in the session, shown in ERRORs.</param>
/// <param name="Description">As ERROR frames describe it.</param>
internal sealed record SubscriptionId(string? Header, string Tag, string Description)
{
    /// <summary>
    /// Bytes of an id: each MESSAGE repeats it, up to three times, and no window counts that. The reference makes it a name of AMQP, which has 255 bytes.
    /// </summary>
    public const int MaxBytes = 255;

    private static readonly System.Buffers.SearchValues<char> Unsafe = System.Buffers.SearchValues.Create(":\\\r\n\0");

    /// <summary>
    /// The tag as it stands in a <c>message-id</c>, which some clients send back without decoding or with outer blanks lost:
    /// characters that STOMP escapes are replaced, the number behind them makes it unique all the same.
    /// </summary>
    public string MessageTag { get; } =
        Tag.AsSpan().ContainsAny(Unsafe) ? string.Create(Tag.Length, Tag, static (text, tag) => tag.AsSpan().ReplaceAny(text, Unsafe, '_')) : Tag;

    /// <summary>Begins the names of those that a <c>reply-to</c> makes.</summary>
    public const string ReplyPrefix = "/temp-queue/";

    /// <summary>As an ERROR about it names it.</summary>
    public string Shown => Header ?? Tag["Q_".Length..];

    /// <summary>Whether only the server may use it.</summary>
    public bool IsReserved => Header?.StartsWith(ReplyPrefix, StringComparison.Ordinal) == true;

    /// <summary>Whether nobody may use it.</summary>
    public bool IsTooLong => Header is not null && System.Text.Encoding.UTF8.GetByteCount(Header) > MaxBytes;

    /// <summary>The one that the replies to <c>reply-to:/temp-queue/NAME</c> come with.</summary>
    public static SubscriptionId OfReplies(string name) => new($"{ReplyPrefix}{name}", $"T_{ReplyPrefix}{name}", $"id='{ReplyPrefix}{name}'");

    /// <summary>What a SUBSCRIBE or UNSUBSCRIBE names; null when it has neither header.</summary>
    public static SubscriptionId? Of(StompFrame frame)
    {
        if (frame[StompHeaderNames.Id] is { } id)
            return new SubscriptionId(id, $"T_{id}", $"id='{id}'");
        return frame[StompHeaderNames.Destination] is { } destination ? new SubscriptionId(null, $"Q_{destination}", $"destination='{destination}'") : null;
    }
}
