namespace NotifyOrleans.Silo.Outbox.PostgreSqlEngine;

internal sealed partial class OutboxDatabase
{
    [LoggerMessage(1420, LogLevel.Error, "{Fault} Nothing is stored until it works again; RabbitMQ keeps what is not stored. It is tried each second.")]
    private partial void LogUnavailable(string fault);

    [LoggerMessage(1421, LogLevel.Information, "The outbox's database {Place} works again.")]
    private partial void LogRecovered(string place);

    [LoggerMessage(
        1422,
        LogLevel.Warning,
        "{Count} connections of other silos were ended: they stood still in the middle of a commit, and a shard's new owner waited for them."
    )]
    private partial void LogBlockersEnded(int count);
}
