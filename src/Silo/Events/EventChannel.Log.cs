namespace NotifyOrleans.Silo.Events;

internal sealed partial class EventChannel
{
    [LoggerMessage(1550, LogLevel.Warning, "Events about users cannot be published; it is tried again: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(1551, LogLevel.Information, "Events about users are published again.")]
    private partial void LogRecovered();
}
