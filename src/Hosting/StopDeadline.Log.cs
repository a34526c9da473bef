using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Hosting;

internal sealed partial class StopDeadline
{
    [LoggerMessage(1910, LogLevel.Error, "Not everything has ended within {Seconds} s of being told to; ends now, as in a crash.")]
    private partial void LogNotInTime(double seconds);
}
