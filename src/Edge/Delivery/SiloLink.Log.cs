namespace NotifyOrleans.Edge.Delivery;

internal sealed partial class SiloLink
{
    [LoggerMessage(1710, LogLevel.Information, "Link {Link} to silo {Silo} is open.")]
    private partial void LogOpened(string silo, long link);

    [LoggerMessage(1711, LogLevel.Warning, "Link {Link} to silo {Silo} is lost: {Reason}.")]
    private partial void LogLost(string silo, long link, string reason);

    [LoggerMessage(1712, LogLevel.Debug, "No link to silo {Silo} could be opened; trying again.")]
    private partial void LogOpeningFailed(Exception exception, string silo);

    [LoggerMessage(1713, LogLevel.Debug, "Silo {Silo} did not answer a beat.")]
    private partial void LogBeatFailed(Exception exception, string silo);

    [LoggerMessage(1714, LogLevel.Debug, "Silo {Silo} did not hear that the edge leaves.")]
    private partial void LogClosingFailed(Exception exception, string silo);
}
