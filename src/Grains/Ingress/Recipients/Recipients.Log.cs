using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Ingress.Recipients;

internal static partial class RecipientsLogging
{
    [LoggerMessage(
        1170,
        LogLevel.Warning,
        "What is left of messages to many users in partition {Partition} could not be read; its messages wait until it can."
    )]
    public static partial void ReadingLogFailed(this ILogger logger, Exception exception, string partition);

    [LoggerMessage(
        1171,
        LogLevel.Warning,
        "The log of messages to many users of partition {Partition} can be read, and not be written; "
            + "they stay with the broker until they are safe with all recipients."
    )]
    public static partial void LogNotTaken(this ILogger logger, Exception exception, string partition);

    [LoggerMessage(
        1172,
        LogLevel.Warning,
        "A message to many users of partition {Partition} could not be written down; it stays with the broker until it is safe with all recipients."
    )]
    public static partial void LoggingFailed(this ILogger logger, Exception exception, string partition);

    [LoggerMessage(
        1174,
        LogLevel.Warning,
        "What is left of messages to many users in partition {Partition} could not be read; it goes on with what was written down here."
    )]
    public static partial void LogKnown(this ILogger logger, Exception exception, string partition);

    [LoggerMessage(
        1173,
        LogLevel.Information,
        "{Count} messages to many users are left in the log of partition {Partition}; they are given to their recipients again."
    )]
    public static partial void LogResumed(this ILogger logger, int count, string partition);
}
