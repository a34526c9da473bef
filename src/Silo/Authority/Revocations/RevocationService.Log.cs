namespace NotifyOrleans.Silo.Authority.Revocations;

internal sealed partial class RevocationService
{
    [LoggerMessage(1522, LogLevel.Information, "Revocation {Number} is stored")]
    private partial void LogRevoked(long number);
}
