namespace NotifyOrleans.Edge.Cluster;

internal sealed partial class RememberedGateways
{
    [LoggerMessage(1704, LogLevel.Warning, "The membership table cannot be read; going on with the silos that it named last. {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(1705, LogLevel.Information, "The membership table can be read again.")]
    private partial void LogBack();
}
