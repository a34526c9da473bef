using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Hosting;

public static partial class NodeHost
{
    [LoggerMessage(1911, LogLevel.Debug, "The start was broken off, as the node was told to stop.")]
    private static partial void LogStartBrokenOff(ILogger logger, Exception exception);
}
