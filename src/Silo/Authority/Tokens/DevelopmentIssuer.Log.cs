namespace NotifyOrleans.Silo.Authority.Tokens;

internal sealed partial class DevelopmentIssuer
{
    [LoggerMessage(1510, LogLevel.Warning, "The development issuer is on: tokens of {Issuer} are taken, and the demo page hands them out")]
    private static partial void LogDevelopmentIssuerOn(ILogger logger, string issuer);
}
