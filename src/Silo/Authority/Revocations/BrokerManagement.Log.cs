namespace NotifyOrleans.Silo.Authority.Revocations;

internal sealed partial class BrokerManagement
{
    [LoggerMessage(1521, LogLevel.Error, "The broker's connections of those who are revoked could not be closed: {Fault}")]
    private partial void LogNotClosed(string fault);
}
