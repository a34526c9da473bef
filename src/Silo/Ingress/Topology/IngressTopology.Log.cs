namespace NotifyOrleans.Silo.Ingress.Topology;

internal sealed partial class IngressTopology
{
    [LoggerMessage(1100, LogLevel.Warning, "Nothing comes from the source {Exchange}, trying on: {Reason}")]
    private partial void LogSourceMissing(string exchange, string reason);

    [LoggerMessage(1101, LogLevel.Information, "The source {Exchange} is bound again.")]
    private partial void LogSourceBound(string exchange);

    [LoggerMessage(
        1102,
        LogLevel.Warning,
        "One queue is used in place of {Partitions}: the broker lacks the plugin rabbitmq_consistent_hash_exchange. Enable it and restart the silos."
    )]
    private partial void LogNoPlugin(int partitions);

    [LoggerMessage(1103, LogLevel.Information, "The partitions have changed: the queues of {Former} are emptied before those of {Current} are consumed.")]
    private partial void LogFormerLayout(string former, string current);

    [LoggerMessage(
        1104,
        LogLevel.Information,
        "The way to the partition queues is closed, as after a start of the broker: what comes waits in {Queue} until what came before is delivered."
    )]
    private partial void LogClosed(string queue);

    [LoggerMessage(1105, LogLevel.Information, "The way to the partition queues is open; {Waiting} messages that waited meanwhile are delivered first.")]
    private partial void LogOpened(uint waiting);
}
