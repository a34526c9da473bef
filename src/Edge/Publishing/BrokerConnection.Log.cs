namespace NotifyOrleans.Edge.Publishing;

internal sealed partial class BrokerConnection
{
    [LoggerMessage(1800, LogLevel.Information, "Connected to the broker.")]
    private partial void LogConnected();

    [LoggerMessage(1801, LogLevel.Warning, "The broker cannot be reached; trying again until it can. {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(1802, LogLevel.Warning, "The connection to the broker was lost: {Reason}")]
    private partial void LogLost(string reason);

    [LoggerMessage(1803, LogLevel.Warning, "The broker takes no messages: {Reason}")]
    private partial void LogBlocked(string reason);

    [LoggerMessage(1804, LogLevel.Information, "The broker takes messages again.")]
    private partial void LogUnblocked();
}
