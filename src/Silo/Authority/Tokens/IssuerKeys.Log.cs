namespace NotifyOrleans.Silo.Authority.Tokens;

internal sealed partial class IssuerKeys
{
    [LoggerMessage(1512, LogLevel.Warning, "The keys of an issuer cannot be fetched from its MetadataAddress; its tokens are refused: {Fault}")]
    private partial void LogUnreachable(string fault);

    [LoggerMessage(
        1517,
        LogLevel.Warning,
        "The keys of an issuer cannot be fetched again from its MetadataAddress; those that are known stay in force: {Fault}"
    )]
    private partial void LogNotRefreshed(string fault);
}
