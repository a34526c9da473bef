using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Users;

internal static partial class UsersLog
{
    [LoggerMessage(1250, LogLevel.Debug, "The outbox takes no messages; what is undelivered stays with the broker until it does.")]
    public static partial void StoringFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1251, LogLevel.Debug, "The outbox cannot be read; replaying goes on when it can.")]
    public static partial void ReadingFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1252, LogLevel.Warning, "A rejected message could not be dead-lettered; it is offered again.")]
    public static partial void DeadLetteringFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1253, LogLevel.Warning, "What became of a rejected message could not be noted.")]
    public static partial void EndingRejectionFailed(this ILogger logger, Exception exception);
}
