using NotifyOrleans.Edge.Connections.Goodbyes;

namespace NotifyOrleans.Edge.Commands;

/// <summary>What a client is told in an ERROR frame.</summary>
/// <param name="Message">Header <c>message</c>.</param>
/// <param name="Body">The explanation.</param>
/// <param name="Closing">Why the connection ends after it; null when the error is harmless and the connection stays.</param>
internal sealed record StompError(string Message, string Body, CloseReason? Closing = null)
{
    /// <summary>The subscription that the server has ended, if that is the error.</summary>
    public string? Subscription { get; init; }

    /// <summary>Milliseconds that the client is asked to wait before it connects again; null when it is not asked.</summary>
    public int? RetryAfter { get; init; }
}
