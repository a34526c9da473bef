namespace NotifyOrleans.Silo.Authority.Revocations;

internal sealed partial class RevocationFollower
{
    [LoggerMessage(
        1520,
        LogLevel.Error,
        "Revocations cannot be read. Those that were read go on to count; a silo that has read none since its start answers no question: {Fault}"
    )]
    private partial void LogNotRead(string fault);
}
