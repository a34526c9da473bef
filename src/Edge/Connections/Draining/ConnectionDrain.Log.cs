namespace NotifyOrleans.Edge.Connections.Draining;

internal sealed partial class ConnectionDrain
{
    [LoggerMessage(1640, LogLevel.Information, "The edge ends: {Count} clients are sent away, {Pace} a second.")]
    private partial void LogBegins(int count, int pace);

    [LoggerMessage(
        1641,
        LogLevel.Warning,
        "{Count} clients were left after {Timeout}, and were sent away at once. Raise Stomp:Drain:Timeout or SessionsPerSecond."
    )]
    private partial void LogLate(int count, TimeSpan timeout);
}
