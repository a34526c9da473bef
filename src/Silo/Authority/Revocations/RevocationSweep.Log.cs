namespace NotifyOrleans.Silo.Authority.Revocations;

internal sealed partial class RevocationSweep
{
    [LoggerMessage(1523, LogLevel.Warning, "Revocations of tokens that have ended could not be deleted; it is done again at the next sweep.")]
    private partial void LogNotDeleted(Exception fault);
}
