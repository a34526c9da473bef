namespace NotifyOrleans.Silo.Cluster;

internal sealed partial class PatientMembershipTable
{
    [LoggerMessage(
        1440,
        LogLevel.Warning,
        "The membership table cannot be reached; trying again until it can. The silos that are there go on as they are. {Reason}"
    )]
    private partial void LogAway(string reason);

    [LoggerMessage(1441, LogLevel.Information, "The membership table can be reached again.")]
    private partial void LogBack();
}
