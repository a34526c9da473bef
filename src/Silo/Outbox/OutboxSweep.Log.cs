namespace NotifyOrleans.Silo.Outbox;

internal sealed partial class OutboxSweep
{
    [LoggerMessage(1410, LogLevel.Warning, "Looking for messages that have outlived their time failed; it is done again at the next sweep.")]
    private partial void LogFailed(Exception exception);
}
