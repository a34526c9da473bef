namespace NotifyOrleans.Silo.Authority.Tokens;

internal sealed partial class JwtTokenValidator
{
    [LoggerMessage(1511, LogLevel.Debug, "A token was refused: {Reason}")]
    private static partial void LogTokenRefused(ILogger logger, string reason);
}
