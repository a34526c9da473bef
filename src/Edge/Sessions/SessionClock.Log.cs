namespace NotifyOrleans.Edge.Sessions;

internal sealed partial class SessionClock
{
    [LoggerMessage(1620, LogLevel.Error, "A deadline of a session could not be kept.")]
    private partial void LogFailed(Exception exception);
}
