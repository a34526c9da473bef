namespace NotifyOrleans.Silo.Authority.Tokens;

internal sealed partial class TokenValidator
{
    [LoggerMessage(1518, LogLevel.Debug, "A token was refused: {Reason}")]
    private partial void LogTokenRefused(string reason);
}
