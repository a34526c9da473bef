namespace NotifyOrleans.Edge.Demo;

/// <summary>A token, and where to use it.</summary>
/// <param name="Token">The passcode of the next CONNECT.</param>
/// <param name="WebSocketPath">Path of the STOMP endpoint on the same host.</param>
internal sealed record TokenReply(string Token, string WebSocketPath);
