namespace NotifyOrleans.Edge.Cluster;

internal sealed partial class ClusterConnection
{
    [LoggerMessage(1700, LogLevel.Information, "Connected to the cluster.")]
    private partial void LogConnected();

    [LoggerMessage(1701, LogLevel.Warning, "No silo can be reached; trying again until one can. {Reason}")]
    private partial void LogUnreachable(string reason);

    [LoggerMessage(1702, LogLevel.Warning, "The cluster has not answered for a while; connecting anew.")]
    private partial void LogReplaced();

    [LoggerMessage(1703, LogLevel.Debug, "The former Orleans client did not end in order.")]
    private partial void LogEndFailed(Exception exception);
}
