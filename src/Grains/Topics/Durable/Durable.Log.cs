using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Topics.Durable;

internal static partial class DurableLog
{
    [LoggerMessage(
        1320,
        LogLevel.Warning,
        "Durable topic subscriptions could not be read; before they were read once no topic message is handed on. It is tried each second."
    )]
    public static partial void ReadingInterestsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1321, LogLevel.Warning, "Topic messages of {Log} could not be stored; the broker keeps them, and it is tried again.")]
    public static partial void AppendingFailed(this ILogger logger, Exception exception, string log);

    [LoggerMessage(
        1322,
        LogLevel.Information,
        "The topic log {Log} has a newer writer than this one (epoch {Epoch}); the broker delivers again what was not stored."
    )]
    public static partial void LogLost(this ILogger logger, string log, long epoch);

    [LoggerMessage(1326, LogLevel.Error, "Topic messages of {Log} could not be handed on; the channel is closed so that the broker delivers again.")]
    public static partial void HandingOnFailed(this ILogger logger, Exception exception, string log);

    [LoggerMessage(1327, LogLevel.Warning, "Topic messages of {Log} could not be retained; the broker keeps them, and it is tried again.")]
    public static partial void RetainingFailed(this ILogger logger, Exception exception, string log);

    [LoggerMessage(1323, LogLevel.Debug, "Silo {Silo} could not be told of durable topic subscriptions; trying again as long as it is there.")]
    public static partial void TellingFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1324, LogLevel.Warning, "Looking for topic messages that nobody needs any more failed; it is done again at the next sweep.")]
    public static partial void SweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1328, LogLevel.Warning, "Looking for messages of {Log} that nobody needs any more failed; it is done again at the next sweep.")]
    public static partial void LogSweepFailed(this ILogger logger, Exception exception, string log);

    [LoggerMessage(1325, LogLevel.Information, "{Count} durable topic subscriptions have ended, as no session had them for {Time}.")]
    public static partial void SubscriptionsAbandoned(this ILogger logger, int count, TimeSpan time);
}
