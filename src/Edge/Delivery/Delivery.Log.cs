namespace NotifyOrleans.Edge.Delivery;

/// <summary>Calls to silos that are tried again, so they are no more than a detail; metrics count them.</summary>
internal static partial class DeliveryLog
{
    [LoggerMessage(1730, LogLevel.Debug, "Settlements could not be sent to silo {Silo}; trying again.")]
    public static partial void LogSettlingFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1731, LogLevel.Debug, "Topic patterns could not be told to silo {Silo}; trying again.")]
    public static partial void LogInterestFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1732, LogLevel.Debug, "Subscriptions could not be registered with shard {Shard}; trying again.")]
    public static partial void LogRegisteringFailed(this ILogger logger, Exception exception, int shard);

    [LoggerMessage(1734, LogLevel.Debug, "A silo could not be told of, or asked for, lost topic subscriptions; trying again.")]
    public static partial void LogLostTopicsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1735, LogLevel.Debug, "The log of topics of silo {Silo} could not be read; trying again.")]
    public static partial void LogReadingTopicsFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1736, LogLevel.Debug, "A silo could not be asked for, or told of, durable topic subscriptions; trying again.")]
    public static partial void LogDurableTopicsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1733, LogLevel.Debug, "No silo has said which silos there are; asking again.")]
    public static partial void LogDirectoryFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1737, LogLevel.Debug, "What is retained of a topic could not be read; trying again.")]
    public static partial void LogReadingRetainedFailed(this ILogger logger, Exception exception);
}
