namespace NotifyOrleans.Edge.Commands;

internal sealed partial class CommandRouter
{
    [LoggerMessage(1610, LogLevel.Error, "A command failed.")]
    private partial void LogFailed(Exception exception);
}
