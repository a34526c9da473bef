namespace NotifyOrleans.Silo.Events;

internal sealed partial class UserEvents
{
    [LoggerMessage(
        1552,
        LogLevel.Warning,
        "More than {Count} events about who comes and goes wait for the broker; the oldest are dropped until they are fewer."
    )]
    private partial void LogOverflowing(int count);
}
