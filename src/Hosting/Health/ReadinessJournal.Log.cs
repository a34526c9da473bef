using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Hosting.Health;

internal sealed partial class ReadinessJournal
{
    [LoggerMessage(1900, LogLevel.Information, "Ready.")]
    private partial void LogReady();

    [LoggerMessage(1901, LogLevel.Warning, "Not ready: {Reasons}")]
    private partial void LogNotReady(string reasons);

    [LoggerMessage(1902, LogLevel.Warning, "Ready, but: {Reasons}")]
    private partial void LogReadyBut(string reasons);
}
