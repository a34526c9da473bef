namespace NotifyOrleans.Edge.Connections.Goodbyes;

/// <summary>
/// The one table of all goodbyes. Which ERROR comes before is said where the fault is found (<see cref="Commands.StompErrors"/>);
/// the same table with the ERROR texts, for readers, is in docs/protocol/stomp.md.
/// </summary>
/// <remarks>Codes from 4400 are private (RFC 6455, 7.4.2) and follow the HTTP status of the same meaning.</remarks>
internal static class CloseReasons
{
    public static readonly CloseReason Disconnect = new("disconnect", 1000, "Bye", ClientRetry.No) { IsLeave = true };

    /// <summary>The client has closed with code 1000, or with none: it wanted to go.</summary>
    public static readonly CloseReason ClientClosed = new("client_closed", 1000, "", ClientRetry.Yes) { IsLeave = true };

    /// <summary>The client has closed with another code: a page that is reloaded or left says 1001.</summary>
    public static readonly CloseReason ClientWentAway = new("client_went_away", 1001, "", ClientRetry.Yes);
    public static readonly CloseReason ConnectionLost = new("connection_lost", 0, "", ClientRetry.Yes);
    public static readonly CloseReason MalformedFrame = new("malformed_frame", 1002, "Malformed frame", ClientRetry.No);
    public static readonly CloseReason BadCommand = new("bad_command", 1002, "Bad command", ClientRetry.No);
    public static readonly CloseReason VersionMismatch = new("version_mismatch", 1002, "Version mismatch", ClientRetry.No);

    /// <summary>WebSocket itself was broken. The framework has closed by then: with 1007 where a text message was not UTF-8, else with 1002.</summary>
    public static readonly CloseReason MalformedWebSocket = new("malformed_websocket", 0, "", ClientRetry.No);
    public static readonly CloseReason LimitExceeded = new("limit_exceeded", 1008, "Limit exceeded", ClientRetry.No);
    public static readonly CloseReason FrameTooLarge = new("frame_too_large", 1009, "Frame too large", ClientRetry.No);
    public static readonly CloseReason InternalError = new("internal_error", 1011, "Processing error", ClientRetry.Yes);
    public static readonly CloseReason Shutdown = new("shutdown", 1012, "Server shutting down", ClientRetry.Yes);
    public static readonly CloseReason Unavailable = new("unavailable", 1013, "Service unavailable, try again", ClientRetry.Yes);
    public static readonly CloseReason LoginRefused = new("login_refused", 4401, "Login refused", ClientRetry.WithNewToken);
    public static readonly CloseReason TokenExpired = new("token_expired", 4401, "Token expired", ClientRetry.WithNewToken);
    public static readonly CloseReason TokenRevoked = new("token_revoked", 4401, "Token revoked", ClientRetry.WithNewToken);
    public static readonly CloseReason AccessRefused = new("access_refused", 4403, "Access refused", ClientRetry.No);
    public static readonly CloseReason NotFound = new("not_found", 4404, "Not found", ClientRetry.No);

    /// <summary>A queue is there with other arguments, or another session's alone.</summary>
    public static readonly CloseReason Conflict = new("conflict", 4409, "Conflict", ClientRetry.No);
    public static readonly CloseReason LoginTimeout = new("login_timeout", 4408, "Login timeout", ClientRetry.Yes);
    public static readonly CloseReason HeartBeatLost = new("heart_beat_lost", 4408, "No heart-beat", ClientRetry.Yes);

    /// <summary>HTTP has no status for it; 598 is in use for a network read time-out.</summary>
    public static readonly CloseReason NotReading = new("not_reading", 4598, "Nothing was read", ClientRetry.Yes);
    public static readonly CloseReason DuplicateSubscription = new("duplicate_subscription", 4409, "Duplicated subscription identifier", ClientRetry.No);
}
