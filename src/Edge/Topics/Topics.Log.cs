namespace NotifyOrleans.Edge.Topics;

/// <summary>Calls to silos that are tried again, so they are no more than a detail.</summary>
internal static partial class TopicsLog
{
    [LoggerMessage(1731, LogLevel.Debug, "Topic patterns could not be told to silo {Silo}; trying again.")]
    public static partial void LogInterestFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1734, LogLevel.Debug, "A silo could not be told of, or asked for, lost topic subscriptions; trying again.")]
    public static partial void LogLostTopicsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1735, LogLevel.Debug, "The log of topics of silo {Silo} could not be read; trying again.")]
    public static partial void LogReadingTopicsFailed(this ILogger logger, Exception exception, string silo);

    [LoggerMessage(1736, LogLevel.Debug, "A silo could not be asked for, or told of, durable topic subscriptions; trying again.")]
    public static partial void LogDurableTopicsFailed(this ILogger logger, Exception exception);

    [LoggerMessage(1737, LogLevel.Debug, "What is retained of a topic could not be read; trying again.")]
    public static partial void LogReadingRetainedFailed(this ILogger logger, Exception exception);
}
