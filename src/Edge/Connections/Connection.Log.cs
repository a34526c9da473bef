namespace NotifyOrleans.Edge.Connections;

internal sealed partial class Connection
{
    [LoggerMessage(1600, LogLevel.Error, "A connection failed.")]
    private static partial void LogFailed(ILogger logger, Exception exception);
}
