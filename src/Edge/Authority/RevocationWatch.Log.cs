namespace NotifyOrleans.Edge.Authority;

internal sealed partial class RevocationWatch
{
    [LoggerMessage(1660, LogLevel.Debug, "No silo tells what was revoked: {Fault}")]
    private partial void LogNotAsked(string fault);
}
