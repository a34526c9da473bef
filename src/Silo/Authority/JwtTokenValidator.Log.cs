namespace NotifyOrleans.Silo.Authority;

internal sealed partial class JwtTokenValidator
{
    [LoggerMessage(1511, LogLevel.Debug, "A token was refused: {Reason}")]
    private static partial void LogTokenRefused(ILogger logger, string reason);

    [LoggerMessage(1512, LogLevel.Warning, "The keys of an issuer cannot be fetched from its MetadataAddress; its tokens are refused")]
    private static partial void LogIssuerUnreachable(ILogger logger);
}
