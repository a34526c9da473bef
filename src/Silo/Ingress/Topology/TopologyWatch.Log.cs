namespace NotifyOrleans.Silo.Ingress.Topology;

internal sealed partial class TopologyWatch
{
    [LoggerMessage(1110, LogLevel.Error, "The exchanges and queues of the ingress are not as they should be, trying on: {Reason}")]
    private partial void LogFault(string reason);

    [LoggerMessage(1111, LogLevel.Information, "The exchanges and queues of the ingress are as they should be again.")]
    private partial void LogRepaired();
}
