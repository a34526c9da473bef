namespace NotifyOrleans.Edge.Delivery;

/// <summary>Calls to silos that are tried again, so they are no more than a detail; metrics count them.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(1730, LogLevel.Debug, "Settlements could not be sent to silo {Silo}; trying again.")]
    public static partial void LogSettlingFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1732, LogLevel.Debug, "Subscriptions could not be registered with shard {Shard}; trying again.")]
    public static partial void LogRegisteringFailed(this ILogger logger, Exception exception, int shard);

    [LoggerMessage(1733, LogLevel.Debug, "No silo has said which silos there are; asking again.")]
    public static partial void LogDirectoryFailed(this ILogger logger, Exception exception);
}
