namespace NotifyOrleans.Silo.Outbox.RocksDbEngine;

internal sealed partial class OutboxDatabase
{
    [LoggerMessage(1400, LogLevel.Error, "{Fault} Nothing is stored until it works again; RabbitMQ keeps what is not stored. It is tried each second.")]
    private partial void LogUnavailable(string fault);

    [LoggerMessage(1401, LogLevel.Information, "The outbox in {Folder} works again.")]
    private partial void LogRecovered(string folder);
}
