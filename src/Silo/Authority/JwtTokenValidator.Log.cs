namespace NotifyOrleans.Silo.Authority;

internal sealed partial class JwtTokenValidator
{
    [LoggerMessage(1511, LogLevel.Debug, "A token was refused: {Reason}")]
    private static partial void LogTokenRefused(ILogger logger, string reason);
}
