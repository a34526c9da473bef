namespace NotifyOrleans.Silo.Authority.Tokens;

internal sealed partial class OpaqueTokenValidator
{
    [LoggerMessage(1513, LogLevel.Debug, "A token was refused: {Reason}")]
    private partial void LogTokenRefused(string reason);

    [LoggerMessage(1514, LogLevel.Warning, "An issuer cannot be asked about a token; its tokens are refused: {Fault}")]
    private partial void LogIssuerUnreachable(string fault);
}
