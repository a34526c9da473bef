using Microsoft.Extensions.Logging;

namespace NotifyOrleans.Grains.Events;

internal static partial class EventsLog
{
    [LoggerMessage(1350, LogLevel.Debug, "That messages wait for a user of shard {Shard} could not be told; it is tried again at the next sweep.")]
    public static partial void UndeliveredPostponed(this ILogger logger, Exception exception, int shard);

    [LoggerMessage(1351, LogLevel.Warning, "Looking for users whose messages wait failed; it is done again at the next sweep.")]
    public static partial void UndeliveredSweepFailed(this ILogger logger, Exception exception);

    [LoggerMessage(
        1352,
        LogLevel.Warning,
        "Shard {Shard} cannot be told to look for users whose messages wait; that is tried at each sweep, "
            + "and said again at Debug only until all shards can be told."
    )]
    public static partial void UndeliveredShardFailed(this ILogger logger, Exception exception, int shard);
}
