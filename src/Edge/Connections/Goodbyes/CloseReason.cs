namespace NotifyOrleans.Edge.Connections.Goodbyes;

/// <summary>Why a connection ends: a row of <see cref="CloseReasons"/>.</summary>
/// <param name="Name">Its name in metrics and logs.</param>
/// <param name="Code">WebSocket close code (RFC 6455, 7.4); 0 when none can be sent.</param>
/// <param name="Text">The close frame's reason, at most 123 bytes.</param>
/// <param name="Retry">What the client may do next.</param>
internal sealed record CloseReason(string Name, int Code, string Text, ClientRetry Retry)
{
    /// <summary>The client has said that it wants to go.</summary>
    public bool IsLeave { get; init; }

    /// <summary>
    /// Whether subscriptions wait for the client's next session, so that it misses nothing: it did not want to go, and may come again.
    /// </summary>
    public bool IsLoss => !IsLeave && Retry != ClientRetry.No;
}
