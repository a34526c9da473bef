using NotifyOrleans.Edge.Subscriptions;

namespace NotifyOrleans.Edge.Sessions;

/// <summary>What an ACK names.</summary>
/// <param name="Tag">The subscription's tag.</param>
/// <param name="Number">The message's number in its session.</param>
internal readonly record struct MessageId(string Tag, long Number);

/// <summary>The text of <c>message-id</c> and <c>ack</c>: <c>TAG@@SESSION@@NUMBER</c>, as in the reference.</summary>
internal static class MessageIds
{
    private const string Separator = "@@";

    /// <summary>Writes one.</summary>
    /// <param name="subscription">The subscription.</param>
    /// <param name="session">The session's id.</param>
    /// <param name="number">The message's number in its session.</param>
    /// <param name="space">Where it stands if it fits.</param>
    public static ReadOnlySpan<char> Of(SubscriptionId subscription, string session, long number, Span<char> space) =>
        space.TryWrite($"{subscription.MessageTag}{Separator}{session}{Separator}{number}", out var length)
            ? space[..length]
            : $"{subscription.MessageTag}{Separator}{session}{Separator}{number}";

    /// <summary>Reads one; false when it is none, or not one of this session. A tag may hold the separator.</summary>
    public static bool TryParse(string text, string session, out MessageId id)
    {
        id = default;
        var end = text.LastIndexOf(Separator, StringComparison.Ordinal);
        if (end < 0 || !long.TryParse(text.AsSpan(end + Separator.Length), System.Globalization.NumberStyles.None, null, out var number))
            return false;
        var owner = $"{Separator}{session}";
        if (!text.AsSpan(0, end).EndsWith(owner, StringComparison.Ordinal))
            return false;
        id = new MessageId(text[..(end - owner.Length)], number);
        return true;
    }
}
